"""What every page and socket needs of the request itself."""

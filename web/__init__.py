"""What every page and socket needs, whatever the package."""

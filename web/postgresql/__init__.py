"""The database backend of the production set-up."""

"""What every wing stands on: frozen values, errors, files, folders, TOML."""

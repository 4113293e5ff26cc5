"""Software environments: the catalogue, exact versions with hashes, wheels, images."""

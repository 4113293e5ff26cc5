"""The verbs around images: locked, built, looked for and looked into."""

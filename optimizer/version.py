"""The version of the program: the newest release of CHANGELOG.md. pyproject.toml reads it here."""

VERSION = "0.5.0"

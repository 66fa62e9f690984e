"""Makers of what the repository holds beside the product: pages of docs/, the bundled example."""

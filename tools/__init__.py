"""What the repository needs beside the product: makers of docs pages and of the example, mutations."""

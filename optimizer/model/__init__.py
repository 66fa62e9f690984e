"""What each way out costs, and whether it is acceptable."""

"""Money reports: settlements and payments to amounts by category, tied out to the report's own total, and
to what cases cost."""

"""How fast the product is, beside what a user would write instead: every ratio is taken within one run on
one machine."""

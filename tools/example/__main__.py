"""`python -m tools.example`: draw the bundled example anew."""

from tools.example.cases import main

main()

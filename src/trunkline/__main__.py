"""`python -m trunkline`: the same as the program `trunkline`."""

from trunkline.cli import main

main()

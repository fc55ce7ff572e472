"""What goes wrong while something is measured."""


class Failed(Exception):
    """A row that cannot be measured, or in which not that happened which the row says."""

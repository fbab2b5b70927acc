"""The tide of the day, by version."""


def tide():
    return "high tide"

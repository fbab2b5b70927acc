"""The tide of the day, by version."""


def tide():
    return "a tide that nobody has seen yet"

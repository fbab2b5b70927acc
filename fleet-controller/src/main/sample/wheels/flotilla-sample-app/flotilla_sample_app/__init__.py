"""The top of the sample: one sentence out of what the packages below it know."""

from flotilla_sample_harbour import harbour


def sentence():
    return "All ships are in " + harbour() + "."


def main():
    print(sentence())

package dev.flotilla.mirror.wheels;

/** What came of reading an index of wheels. */
public sealed interface WheelIndexParsing {
    record Parsed(WheelIndex index) implements WheelIndexParsing {}

    /** Nothing of it is used: what one line of it says wrongly, another may. */
    record Refused(String reason) implements WheelIndexParsing {}
}

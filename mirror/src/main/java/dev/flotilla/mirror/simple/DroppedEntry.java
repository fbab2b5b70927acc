package dev.flotilla.mirror.simple;

/** Why an entry of an upstream's page, or one key of it, is not in the model; both texts are printable ASCII and short. */
public record DroppedEntry(String entry, String reason) {}

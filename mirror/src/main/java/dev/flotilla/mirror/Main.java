package dev.flotilla.mirror;

/** Where the program begins. */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {}
}

package dev.flotilla.agent;

/** Where the program begins. */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {}
}

package dev.flotilla.tests;

/** Addresses of loopback that no other run of the tests has at the same time. */
final class LoopbackAddress {
    private LoopbackAddress() {}

    /** This process's address of that number, 1 to 100. */
    static String ofThisProcess(int number) {
        long process = ProcessHandle.current().pid();
        return "127." + (77 + number) + "." + process / 250 % 250 + "." + (process % 250 + 1);
    }
}

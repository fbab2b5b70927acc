package dev.flotilla.controller.fabric;

/** How far a machine is on its way from the wish for it to one that things can be installed on. */
public sealed interface Readiness {
    /** Whatever it is to be told, it can be told now. */
    record Ready() implements Readiness {}

    /** It isn't; waiting may help. */
    record NotYet(Stage stage, String reason) implements Readiness {}

    /** It isn't, and waiting doesn't help. */
    record Never(String reason) implements Readiness {}

    /** What it waits for, in the order in which that comes about. */
    enum Stage {
        /** The fabric doesn't say yet that it runs. */
        RUNNING,
        /** It lets nobody in yet, and so runs no command. */
        LETS_IN,
        /** It is still busy with its first boot. */
        FIRST_BOOT
    }
}

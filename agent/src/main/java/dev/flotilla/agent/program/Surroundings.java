package dev.flotilla.agent.program;

import java.io.File;
import java.util.Map;

/** What a program that the agent starts finds around it. */
public final class Surroundings {
    /** Its standard input, where it has none. */
    public static final File NOTHING = new File("/dev/null");

    private Surroundings() {}

    /** The agent's key to the bucket is nobody else's business. */
    public static void hideCredentials(Map<String, String> environment) {
        environment.keySet().removeIf(name -> name.startsWith("AWS_"));
    }
}

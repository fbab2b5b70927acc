package dev.flotilla.controller.command;

import dev.flotilla.controller.drill.MirrorKiller;
import dev.flotilla.controller.fabric.Fabrics;
import dev.flotilla.controller.fleet.Node;
import dev.flotilla.controller.machine.MachineCommand;
import dev.flotilla.controller.machine.Outcome;
import java.io.IOException;
import java.time.Duration;

/** Kills mirrors on a fleet's machines. Only what runs Java with a mirror of Flotilla is killed: the number may be another process's by now. */
record MachineMirrorKiller(Fabrics fabrics) implements MirrorKiller {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final String SCRIPT =
            "if tr '\\0' ' ' < /proc/\"$1\"/cmdline 2>/dev/null | grep -q 'dev\\.flotilla\\.mirror'; then kill -9 \"$1\"; fi";

    @Override
    public void kill(Node node, long pid) throws IOException, InterruptedException {
        var command = MachineCommand.of("sh", "-c", SCRIPT, "sh", Long.toString(pid));
        switch (fabrics.site(node).asRoot().run(command, LIMIT)) {
            case Outcome.Failed failed -> throw new IOException(node.id() + ": " + failed.text());
            case Outcome.Ended ended -> {
                if (ended.exitCode() != 0) {
                    throw new IOException(node.id() + ": its mirror can't be killed: "
                            + ended.errorText().strip());
                }
            }
        }
    }
}

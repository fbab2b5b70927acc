package dev.flotilla.controller.local;

import dev.flotilla.controller.drill.MirrorKiller;
import dev.flotilla.controller.fleet.Node;
import java.nio.file.Path;

/** Kills mirrors of a local fleet, and nothing that isn't a process of it. */
public record LocalMirrors(Path state) implements MirrorKiller {
    @Override
    public void kill(Node node, long pid) {
        new FleetProcesses(state)
                .list().stream().filter(process -> process.pid() == pid).forEach(RunningProcess::kill);
    }
}

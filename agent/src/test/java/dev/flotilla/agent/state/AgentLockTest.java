package dev.flotilla.agent.state;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.agent.state.AgentLock.Locking;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AgentLockTest {
    @Test
    void oneHolderAtATimeWhoIsNamed(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("agent.lock");
        var first = (Locking.Locked) AgentLock.take(file, 4711);
        assertThat(AgentLock.take(file, 4712)).isEqualTo(new Locking.HeldBy(Optional.of(4711L)));
        first.lock().close();
        assertThat(AgentLock.holder(file)).isEmpty();
        var second = AgentLock.take(file, 12);
        assertThat(second).isInstanceOf(Locking.Locked.class);
        assertThat(AgentLock.take(file, 4712)).isEqualTo(new Locking.HeldBy(Optional.of(12L)));
        ((Locking.Locked) second).lock().close();
    }

    @Test
    void whereNoAgentEverWasNobodyHoldsTheLock(@TempDir Path folder) throws Exception {
        assertThat(AgentLock.holder(folder.resolve("agent.lock"))).isEmpty();
    }
}

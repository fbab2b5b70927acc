package dev.flotilla.agent.state;

import dev.flotilla.agent.disk.Disk;
import dev.flotilla.agent.json.JsonReader;
import dev.flotilla.agent.json.JsonWriter;
import dev.flotilla.agent.json.MalformedJsonException;
import dev.flotilla.vocabulary.ByteSize;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;

/** The agent's memory on disk. {@link #save} returns when the new state is the one that survives a power cut. For one writer. */
public final class StateStore {
    private static final ByteSize LARGEST = ByteSize.ofMiB(4);

    private final StateFolder folder;

    public StateStore(StateFolder folder) {
        this.folder = folder;
    }

    /** What was saved last; {@link IOException} where it can't be read or is damaged, with a message for people. */
    public AgentState load() throws IOException {
        byte[] content;
        try {
            content = Files.readAllBytes(folder.state());
        } catch (NoSuchFileException neverSaved) {
            return AgentState.FRESH;
        }
        try {
            return AgentState.parse(new JsonReader(LARGEST).object(content));
        } catch (MalformedJsonException damaged) {
            throw new IOException("the agent's memory in " + folder.state() + " is damaged (" + damaged.getMessage()
                    + "). Restore it, or move it away: the agent then begins anew, and no longer knows which releases"
                    + " it has refused");
        }
    }

    public void save(AgentState state) throws IOException {
        Disk.replace(folder.state(), JsonWriter.bytes(state.toJson()));
    }
}

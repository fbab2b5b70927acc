package dev.flotilla.controller.local;

import dev.flotilla.agent.archive.ProgramArchive;
import dev.flotilla.controller.local.bucket.BucketCredentials;
import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Unpacks the agent's program and starts it once for each region. For one thread. */
final class RegionalAgents {
    private static final int BLOCK_BYTES = 1 << 16;

    private final StateFolder state;
    private final Teardown teardown;
    private final Consumer<String> events;

    RegionalAgents(StateFolder state, Teardown teardown, Consumer<String> events) {
        this.state = state;
        this.teardown = teardown;
        this.events = events;
    }

    /** Unpacks the program into a folder named by its digest, unless it is there already, and returns that. */
    static Path unpack(Path archive, Path programs) throws IOException {
        Path folder = programs.resolve(digest(archive).hex());
        if (!Files.exists(folder)) {
            Files.createDirectories(programs);
            switch (new ProgramArchive(archive, ProgramArchive.Limits.USUAL).unpackInto(folder)) {
                case ProgramArchive.Unpacking.Unpacked ignored -> {}
                case ProgramArchive.Unpacking.Refused refused ->
                    throw new IOException(archive + " can't be unpacked: " + refused.reason());
            }
        }
        return folder;
    }

    private static Sha256 digest(Path file) throws IOException {
        var digester = Sha256.digester();
        try (var input = Files.newInputStream(file, StandardOpenOption.READ)) {
            byte[] block = new byte[BLOCK_BYTES];
            for (int read = input.read(block); read >= 0; read = input.read(block)) {
                digester.update(block, 0, read);
            }
        }
        return Sha256.finish(digester);
    }

    /** Starts the agents; the teardown ends their lifelines. */
    Map<LocalRegion, AgentProcess> start(
            Path program, ConfigurationFiles files, ConfigurationFiles.MirrorPorts ports, BucketCredentials credentials)
            throws IOException {
        Map<LocalRegion, AgentProcess> agents = new LinkedHashMap<>();
        for (LocalRegion region : LocalRegion.ALL) {
            Files.createDirectories(state.agentState(region.name()));
            Files.createDirectories(state.store(region.name()));
            Files.writeString(state.agentConfiguration(region.name()), files.agent(region, ports));
            Lifeline lifeline = Lifeline.hold(state.lifeline(region.name()));
            teardown.add(lifeline::close);
            var agent = new AgentProcess(region, launch(program, region, lifeline, credentials), events);
            teardown.add(agent::end);
            agent.start();
            agents.put(region, agent);
        }
        return agents;
    }

    private AgentProcess.Launch launch(
            Path program, LocalRegion region, Lifeline lifeline, BucketCredentials credentials) {
        return new AgentProcess.Launch(
                List.of(
                        "setsid",
                        program.resolve("bin").resolve("agent").toString(),
                        "run",
                        "--config",
                        state.agentConfiguration(region.name()).toString(),
                        "--until-stdin-closes"),
                environment(credentials),
                state.agentLog(region.name()),
                lifeline);
    }

    /** What agents, and the mirrors that they start, have in their environment. */
    private Map<String, String> environment(BucketCredentials credentials) {
        return Map.of(
                FleetProcesses.VARIABLE,
                state.root().toString(),
                "FLOTILLA_JAVA_HOME",
                System.getProperty("java.home"),
                "FLOTILLA_JAVA_OPTIONS",
                "-XX:-UsePerfData",
                "FLOTILLA_TEMPORARY",
                state.temporary().toString(),
                "AWS_ACCESS_KEY_ID",
                credentials.accessKeyId(),
                "AWS_SECRET_ACCESS_KEY",
                credentials.secretAccessKey(),
                // Nothing of the user's own account may get in.
                "AWS_CONFIG_FILE",
                "/dev/null",
                "AWS_SHARED_CREDENTIALS_FILE",
                "/dev/null",
                "AWS_EC2_METADATA_DISABLED",
                "true");
    }
}

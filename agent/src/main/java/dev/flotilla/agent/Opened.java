package dev.flotilla.agent;

import dev.flotilla.agent.bucket.Bucket;
import dev.flotilla.agent.bucket.S3Bucket;
import dev.flotilla.agent.configuration.AgentConfiguration;
import dev.flotilla.agent.cycle.Step;
import dev.flotilla.agent.report.NodeReport;
import dev.flotilla.agent.slots.Slots;
import dev.flotilla.agent.state.AgentLock;
import dev.flotilla.agent.state.StateFolder;
import dev.flotilla.agent.wheels.SigningDoor;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.exception.SdkException;

/** An agent that has its state folder to itself, and what has to be closed after it. */
record Opened(Agent agent, Bucket bucket, Optional<SigningDoor> door, AgentLock lock) implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Opened.class);

    static Opened open(AgentConfiguration configuration, Duration grace, Step.Journal journal) throws StartFailure {
        return open(configuration, grace, journal, bucket -> bucket);
    }

    /** @param way between the agent and its bucket */
    static Opened open(
            AgentConfiguration configuration, Duration grace, Step.Journal journal, UnaryOperator<Bucket> way)
            throws StartFailure {
        var folder = new StateFolder(configuration.state());
        AgentLock lock = locked(folder);
        try {
            folder.removeUnfinished();
            S3Bucket signing = bucket(configuration);
            Bucket bucket = way.apply(signing);
            var self =
                    new NodeReport.Agent(Version.text(), ProcessHandle.current().pid());
            return new Opened(
                    new Agent(
                            configuration,
                            folder,
                            slots(),
                            bucket,
                            grace,
                            self,
                            InstantSource.system(),
                            System::nanoTime,
                            new SecureRandom(),
                            journal),
                    bucket,
                    door(configuration, folder, signing),
                    lock);
        } catch (IOException unusable) {
            throw new StartFailure("can't work in the state folder " + folder.path() + ": " + unusable.getMessage());
        }
    }

    /** Without it the mirror fetches the wheels that may be read without a signature, and all else goes on. */
    private static Optional<SigningDoor> door(AgentConfiguration configuration, StateFolder folder, S3Bucket bucket) {
        try {
            return Optional.of(SigningDoor.open(folder.signer(), configuration.bucket(), bucket::sign));
        } catch (IOException refused) {
            LOG.warn(
                    "requests for wheels can't be signed: the socket {} can't be opened: {}",
                    folder.signer(),
                    refused.toString());
            return Optional.empty();
        }
    }

    /** The agent's own programs, where this one was started in a way that lets another one take its place. */
    private static Optional<Slots> slots() throws IOException {
        Optional<Path> folder =
                Optional.ofNullable(System.getenv(Slots.VARIABLE)).map(Path::of);
        Optional<Path> home =
                Optional.ofNullable(System.getProperty("flotilla.home")).map(Path::of);
        if (folder.isEmpty() || home.isEmpty()) {
            return Optional.empty();
        }
        var slots = Slots.open(folder.get(), home.get());
        slots.tidy();
        return Optional.of(slots);
    }

    static S3Bucket bucket(AgentConfiguration configuration) throws StartFailure {
        try {
            return S3Bucket.openWithCredentialsIfAny(configuration.bucket());
        } catch (SdkException unusable) {
            throw new StartFailure("can't set up the bucket " + configuration.bucket() + ": " + unusable.getMessage());
        }
    }

    private static AgentLock locked(StateFolder folder) throws StartFailure {
        try {
            folder.create();
            return switch (AgentLock.take(folder.lock(), ProcessHandle.current().pid())) {
                case AgentLock.Locking.Locked locked -> locked.lock();
                case AgentLock.Locking.HeldBy held ->
                    throw new StartFailure("another agent works in the state folder " + folder.path() + ": process "
                            + held.pid().map(String::valueOf).orElse("unknown")
                            + ". End it first, or use another folder.");
            };
        } catch (IOException unusable) {
            throw new StartFailure("can't use the state folder " + folder.path() + ": " + unusable
                    + ". Its owner has to be the user who runs the agent.");
        }
    }

    @Override
    public void close() throws IOException {
        if (door.isPresent()) {
            door.get().close();
        }
        bucket.close();
        lock.close();
    }
}

package dev.flotilla.controller.local;

import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.agent.json.JsonReader;
import dev.flotilla.agent.json.JsonWriter;
import dev.flotilla.controller.local.bucket.BucketCredentials;
import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.ProjectName;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What another command needs to ask a running local fleet how it is: {@code local.json} in its state folder, readable for
 * its owner alone, since it holds the key to the bucket. It is there while the fleet runs, or until the next start where
 * the command was killed.
 *
 * @param command the process that runs the fleet
 * @param project one that the index which its mirrors follow surely has
 */
record RunFile(RunningProcess command, InetSocketAddress dns, BucketCredentials credentials, ProjectName project) {
    private static final ByteSize LARGEST = ByteSize.ofKiB(64);

    void write(Path file) throws IOException {
        AtomicFile.write(
                file,
                JsonWriter.bytes(JsonObject.EMPTY
                        .with(
                                "command",
                                JsonObject.EMPTY.with("pid", command.pid()).with("started", command.startTicks()))
                        .with(
                                "dns",
                                JsonObject.EMPTY
                                        .with("host", dns.getAddress().getHostAddress())
                                        .with("port", dns.getPort()))
                        .with("project", project.normal())
                        .with(
                                "credentials",
                                JsonObject.EMPTY
                                        .with("accessKeyId", credentials.accessKeyId())
                                        .with("secretAccessKey", credentials.secretAccessKey()))));
    }

    /**
     * Reads it.
     *
     * @throws IOException if it isn't there or can't be read
     * @throws dev.flotilla.agent.json.MalformedJsonException if it isn't one
     */
    static RunFile read(Path file) throws IOException {
        JsonObject run = new JsonReader(LARGEST).object(Files.readAllBytes(file));
        JsonObject command = run.object("command");
        JsonObject dns = run.object("dns");
        JsonObject credentials = run.object("credentials");
        return new RunFile(
                new RunningProcess(command.whole("pid"), command.whole("started")),
                new InetSocketAddress(InetAddress.ofLiteral(dns.text("host")), Math.toIntExact(dns.whole("port"))),
                new BucketCredentials(credentials.text("accessKeyId"), credentials.text("secretAccessKey")),
                run.parsed("project", ProjectName::new));
    }
}

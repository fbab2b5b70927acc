package dev.flotilla.controller.wheels.build;

import dev.flotilla.agent.disk.Disk;
import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/**
 * Files of one index, by digest, kept in a folder. Nothing is got from anywhere else, no redirect is followed, and nothing has its place before its
 * digest is right. Thread-safe; blocks.
 */
final class Sources implements AutoCloseable {
    private static final int OK = 200;
    private static final int TRIES = 3;
    private static final int BLOCK_BYTES = 64 << 10;

    /** A mirror and its upstream have more to do. */
    private static final int AT_ONCE = 4;

    /** Until its answer begins. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final URI index;
    private final Path folder;
    private final ByteSize largest;
    private final Semaphore slots = new Semaphore(AT_ONCE);
    private final Map<Sha256, Object> coming = new ConcurrentHashMap<>();
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(PATIENCE)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();

    /**
     * @param index whose scheme, host and port the addresses of all files have to have
     * @param largest no file may be larger
     */
    Sources(URI index, Path folder, ByteSize largest) throws IOException {
        this.index = index;
        this.folder = Files.createDirectories(folder);
        this.largest = largest;
    }

    /** The file, once it is there; {@link IOException} says why it can't be had. */
    Path get(URI address, Sha256 digest) throws IOException, InterruptedException {
        if (!origin(address).equals(origin(index))) {
            throw new IOException(address + " isn't the index's, which is at " + origin(index));
        }
        Path file = folder.resolve(digest.hex());
        synchronized (coming.computeIfAbsent(digest, ignored -> new Object())) {
            if (Files.exists(file) && digest(file).equals(digest)) {
                return file;
            }
            slots.acquire();
            try {
                for (int i = 1; ; i++) {
                    try {
                        fetch(address, digest, file);
                        return file;
                    } catch (IOException failed) {
                        if (i == TRIES) {
                            throw new IOException(address + " can't be had: " + failed.getMessage(), failed);
                        }
                    }
                }
            } finally {
                slots.release();
            }
        }
    }

    private void fetch(URI address, Sha256 digest, Path file) throws IOException, InterruptedException {
        HttpResponse<InputStream> answer =
                client.send(HttpRequest.newBuilder(address).timeout(PATIENCE).build(), BodyHandlers.ofInputStream());
        Path partial = Files.createTempFile(folder, Disk.PARTIAL, "");
        try (InputStream body = answer.body()) {
            if (answer.statusCode() != OK) {
                throw new IOException("the answer was " + answer.statusCode());
            }
            MessageDigest digester = Sha256.digester();
            try (OutputStream out = Files.newOutputStream(partial)) {
                byte[] block = new byte[BLOCK_BYTES];
                long size = 0;
                for (int read = body.read(block); read >= 0; read = body.read(block)) {
                    size += read;
                    if (size > largest.bytes()) {
                        throw new IOException("it is larger than " + largest);
                    }
                    digester.update(block, 0, read);
                    out.write(block, 0, read);
                }
            }
            if (!Sha256.finish(digester).equals(digest)) {
                throw new IOException("what came has another digest than the index says");
            }
            Disk.sync(partial);
            Disk.move(partial, file);
        } finally {
            Files.deleteIfExists(partial);
        }
    }

    static Sha256 digest(Path file) throws IOException {
        MessageDigest digester = Sha256.digester();
        try (InputStream in = Files.newInputStream(file)) {
            byte[] block = new byte[BLOCK_BYTES];
            for (int read = in.read(block); read >= 0; read = in.read(block)) {
                digester.update(block, 0, read);
            }
        }
        return Sha256.finish(digester);
    }

    private static String origin(URI address) {
        String scheme = String.valueOf(address.getScheme()).toLowerCase(Locale.ROOT);
        int usual = scheme.equals("https") ? 443 : 80;
        return scheme + "://" + Objects.toString(address.getHost(), "").toLowerCase(Locale.ROOT) + ":"
                + (address.getPort() < 0 ? usual : address.getPort());
    }

    @Override
    public void close() {
        client.close();
    }
}

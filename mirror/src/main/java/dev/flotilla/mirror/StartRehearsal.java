package dev.flotilla.mirror;

import dev.flotilla.mirror.configuration.ListenAddress;
import dev.flotilla.mirror.configuration.MirrorConfiguration;
import dev.flotilla.settings.Loading;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;

/**
 * A start for the sake of the start: a mirror that reaches nobody and that nobody reaches answers what comes first in a real
 * one's life, so that Java can keep the classes that this takes (JEP 483, 514 and 515).
 */
final class StartRehearsal {
    /** Nobody listens there, and no name has to be looked up for it. */
    private static final String NO_INDEX = "http://127.0.0.1:1/simple/";

    /** Longer than an answer takes on the slowest machine; what takes longer is left out. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final List<String> ASKED_BY_CLIENTS =
            List.of("/", "/pip.conf", "/simple/", "/simple/rehearsal/", "/nothing");
    private static final List<String> ASKED_BY_OPERATORS = List.of("/livez", "/readyz", "/metrics");

    private StartRehearsal() {}

    /**
     * Starts a mirror with everything that it has in {@code folder}, and asks it for a few things. It still runs then.
     *
     * @throws Mirror.StartException where it can't start
     */
    static Mirror in(Path folder, String version) throws Mirror.StartException, IOException {
        Path file = folder.resolve("mirror.conf");
        Path store = folder.toAbsolutePath().normalize().resolve("store");
        Files.writeString(file, """
                flotilla.mirror {
                  region = rehearsal, node = rehearsal-1
                  listen { host = 127.0.0.1, port = 0 }
                  operations { host = 127.0.0.1, port = 0 }
                  upstreams = [ { name = nobody, index = "%s" } ]
                  store { path = "%s", budget = 64 MiB }
                }
                """.formatted(NO_INDEX, store));
        MirrorConfiguration configuration = switch (MirrorConfiguration.load(file)) {
            case Loading.Loaded<MirrorConfiguration> loaded -> loaded.value();
            case Loading.Refused<MirrorConfiguration> refused -> throw new IllegalStateException(refused.text());
        };
        Mirror mirror = Mirror.start(configuration, InstantSource.system(), version);
        for (String path : ASKED_BY_OPERATORS) {
            ask(mirror.operations(), path);
        }
        for (String path : ASKED_BY_CLIENTS) {
            ask(mirror.clients(), path);
        }
        return mirror;
    }

    /** Whatever the answer is: that there is no index is one, too. */
    private static void ask(ListenAddress address, String path) throws IOException {
        try (var socket = new Socket()) {
            int patience = Math.toIntExact(PATIENCE.toMillis());
            socket.setSoTimeout(patience);
            socket.connect(new InetSocketAddress(address.host(), address.port()), patience);
            OutputStream out = socket.getOutputStream();
            out.write("GET %s HTTP/1.1\r\nHost: %s\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n"
                    .formatted(path, address)
                    .getBytes(StandardCharsets.US_ASCII));
            InputStream in = socket.getInputStream();
            in.transferTo(OutputStream.nullOutputStream());
        }
    }
}

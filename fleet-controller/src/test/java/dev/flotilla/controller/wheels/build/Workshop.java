package dev.flotilla.controller.wheels.build;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.flotilla.agent.json.Json;
import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.agent.json.JsonWriter;
import dev.flotilla.controller.fabric.BuilderMachines;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.fleet.WheelsSettings;
import dev.flotilla.controller.machine.Machine;
import dev.flotilla.controller.machine.MachineCommand;
import dev.flotilla.controller.ssh.OpenSshServer;
import dev.flotilla.controller.wheels.BuildFolder;
import dev.flotilla.controller.wheels.Sdist;
import dev.flotilla.controller.wheels.WantedWheel;
import dev.flotilla.controller.wheels.WantedWheels;
import dev.flotilla.controller.wheels.index.SimpleIndex;
import dev.flotilla.settings.Loading;
import dev.flotilla.vocabulary.Interpreter;
import dev.flotilla.vocabulary.PlatformSlug;
import dev.flotilla.vocabulary.ProjectName;
import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** An index with files of tests, and a fleet whose builder is this computer. */
final class Workshop implements AutoCloseable {
    private static final Instant UPLOADED = Instant.parse("2024-05-01T10:00:00Z");

    private final Path folder;
    private final HttpServer server;
    private String ssh = "";
    private String way = "fabric = local";
    private UnaryOperator<Machine> as = UnaryOperator.identity();
    private final Map<String, byte[]> files = new ConcurrentHashMap<>();
    final ConcurrentLinkedQueue<String> asked = new ConcurrentLinkedQueue<>();
    final List<String> heard = new ArrayList<>();

    Workshop(Path folder) throws IOException {
        this.folder = folder;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
    }

    /** Puts a file into the index. */
    Workshop offer(String filename, byte[] content) {
        files.put(filename, content);
        return this;
    }

    /** The builder is this computer all the same, but come to by SSH. */
    void bySsh(OpenSshServer server, Path key) throws IOException {
        ssh = "ssh { user = " + OpenSshServer.USER + ", identities = [ \"" + key + "\" ], connect-time-out = 20s }";
        way = "ssh { host = 127.0.0.1, port = " + server.port() + ", host-key = \""
                + server.hostKey().type() + " " + server.hostKey().base64() + "\" }";
    }

    /** What builders run is run through these words, by which their user or their rights are others; the folder for builds is that user's. */
    void through(String user, String... words) throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path home = Files.createDirectories(builder());
        Files.setOwner(
                home, home.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(user));
        as = machine -> (command, input, heard, limit) -> {
            List<String> line = new ArrayList<>(List.of(words));
            line.addAll(command.words());
            return machine.run(new MachineCommand(line), input, heard, limit);
        };
    }

    int port() {
        return server.getAddress().getPort();
    }

    URI index() {
        return URI.create("http://127.0.0.1:" + port() + "/simple/");
    }

    private void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        asked.add(path);
        String last = path.replaceFirst("/$", "").replaceFirst(".*/", "");
        Optional<byte[]> content = path.startsWith("/simple/") ? page(last) : Optional.ofNullable(files.get(last));
        try (exchange) {
            exchange.getResponseHeaders()
                    .set(
                            "Content-Type",
                            path.startsWith("/simple/")
                                    ? "application/vnd.pypi.simple.v1+json"
                                    : "application/octet-stream");
            exchange.sendResponseHeaders(
                    content.isPresent() ? 200 : 404, content.isPresent() ? content.get().length : -1);
            if (content.isPresent()) {
                exchange.getResponseBody().write(content.get());
            }
        }
    }

    private Optional<byte[]> page(String project) {
        List<Json> entries = new ArrayList<>();
        new TreeMap<>(files).forEach((name, content) -> {
            if (ProjectName.of(name.replaceFirst("-[0-9].*", "")).normal().equals(project)) {
                entries.add(JsonObject.EMPTY
                        .with("filename", name)
                        .with("url", "/files/" + name)
                        .with(
                                "hashes",
                                JsonObject.EMPTY.with(
                                        "sha256", Sha256.of(content).hex()))
                        .with("size", content.length)
                        .with("upload-time", UPLOADED));
            }
        });
        return entries.isEmpty()
                ? Optional.empty()
                : Optional.of(JsonWriter.bytes(JsonObject.EMPTY
                        .with("meta", JsonObject.EMPTY.with("api-version", "1.1"))
                        .with("name", project)
                        .with("files", new Json.Sequence(entries))));
    }

    /** This computer, as a platform. */
    static PlatformSlug slug() throws IOException {
        Map<String, String> os = new TreeMap<>();
        Files.readAllLines(Path.of("/etc/os-release")).forEach(line -> {
            int equals = line.indexOf('=');
            if (equals > 0) {
                os.put(line.substring(0, equals), line.substring(equals + 1).replace("\"", ""));
            }
        });
        return PlatformSlug.of(os.getOrDefault("ID", ""), os.getOrDefault("VERSION_ID", ""), said("uname", "-m"));
    }

    static Interpreter python() throws IOException {
        return Interpreter.parse(said("/usr/bin/python3", "-c", "import sys; print('%d.%d' % sys.version_info[:2])"));
    }

    static String said(String... command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        assertThat(process.onExit().join().exitValue()).as(text).isZero();
        return text;
    }

    Path builder() {
        return folder.resolve("builder");
    }

    BuildFolder out() {
        return new BuildFolder(folder.resolve("out"));
    }

    /** Writes {@code fleet.conf}. */
    Path fleet(String limits) throws IOException {
        return Files.writeString(folder.resolve("fleet.conf"), """
                flotilla.fleet {
                  name = a, bucket { name = abc }
                  regions { east { nodes { east-1 { address = 192.0.2.1 } } } }
                  %s
                  wheels {
                    branches { main { requirements = [ a.txt ] } }
                    platforms { "%s" { library = "%s", pythons = [ "%s" ], builder = here } }
                    builders { here { %s, folder = "%s", parallel = 4 } }
                    limits { %s }
                  }
                }
                """.formatted(
                        ssh, slug(), said("getconf", "GNU_LIBC_VERSION"), python(), way, builder(), limits));
    }

    WantedWheel wanted(String project, String version) throws IOException {
        String filename = project + "-" + version + ".tar.gz";
        byte[] content = Objects.requireNonNull(files.get(filename));
        return new WantedWheel(
                slug(),
                python(),
                new Sdist(
                        ProjectName.of(project),
                        version,
                        filename,
                        index().resolve("/files/" + filename),
                        Sha256.of(content),
                        Optional.of((long) content.length),
                        Optional.of(UPLOADED)),
                "nobody has built it",
                List.of("main"));
    }

    Path plan(List<WantedWheel> wanted) throws IOException {
        return Files.write(folder.resolve("wanted.json"), new WantedWheels(Instant.EPOCH, index(), wanted).toBytes());
    }

    WheelBuilds.Summary build(String limits, boolean again, List<WantedWheel> wanted)
            throws IOException, InterruptedException {
        Loading<FleetConfiguration> loading = FleetConfiguration.load(fleet(limits));
        assertThat(loading).isInstanceOf(Loading.Loaded.class);
        FleetConfiguration fleet = ((Loading.Loaded<FleetConfiguration>) loading).value();
        WheelsSettings settings = fleet.wheels().orElseThrow();
        try (var machines = BuilderMachines.open(fleet, settings.builders().values(), Map.of());
                var index = new SimpleIndex(index(), SimpleIndex.Limits.USUAL)) {
            return new WheelBuilds(
                            settings,
                            builder -> as.apply(machines.machine(builder)),
                            index,
                            out(),
                            new WheelBuilds.Manner(4, again),
                            Clock.systemUTC(),
                            line -> {
                                synchronized (heard) {
                                    heard.add(line);
                                }
                            })
                    .run(wanted);
        }
    }

    /** The processes of this computer with these words in their command lines. */
    static List<String> running(String words) throws IOException {
        List<String> found = new ArrayList<>();
        try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
            for (Path process : processes
                    .filter(path -> path.getFileName().toString().matches("[0-9]+"))
                    .toList()) {
                try {
                    String line = Files.readString(process.resolve("cmdline"), StandardCharsets.ISO_8859_1);
                    if (line.contains(words)
                            && !process.toString()
                                    .equals("/proc/" + ProcessHandle.current().pid())) {
                        found.add(process.getFileName() + " " + line.replace('\0', ' '));
                    }
                } catch (IOException gone) {
                    // It has ended meanwhile.
                }
            }
        }
        return found;
    }

    /** What is left of builds on this computer: control groups of them, and files beside those that are kept on purpose. */
    List<String> left() throws IOException {
        List<String> left = new ArrayList<>();
        for (String place : List.of(
                "/sys/fs/cgroup", builder().toString(), out().workplace().toString())) {
            if (!Files.isDirectory(Path.of(place))) {
                continue;
            }
            // Other processes' groups come and go while this looks.
            for (String line : new String(
                            new ProcessBuilder("find", place, "-maxdepth", "4")
                                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                                    .start()
                                    .getInputStream()
                                    .readAllBytes(),
                            StandardCharsets.UTF_8)
                    .lines()
                    .toList()) {
                boolean group = line.startsWith("/sys/") && line.contains("/flotilla-wheels-");
                boolean file = !line.startsWith("/sys/")
                        && !line.matches(
                                Pattern.quote(builder().toString()) + "(/files(/[0-9a-f]{64})?|/slots(/[0-9]+)?)?");
                if (group || file) {
                    left.add(line);
                }
            }
        }
        return left;
    }

    @Override
    public void close() {
        server.stop(0);
    }
}

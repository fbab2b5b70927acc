package dev.flotilla.controller.probe;

import dev.flotilla.controller.client.Fetch;
import dev.flotilla.controller.client.Names;
import dev.flotilla.controller.probe.ProbeResult.Kind;
import dev.flotilla.controller.probe.ProbeResult.State;
import dev.flotilla.controller.probe.ProbeResult.Step;
import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.PlatformSlug;
import dev.flotilla.vocabulary.ProjectName;
import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Looks at an index as pip does, step by step. Each look is bounded in time and in memory. Thread-safe. */
public final class IndexProbe {
    private final Names names;
    private final ProjectName project;
    private final Limits limits;
    private final Clock clock;
    private final Optional<PlatformSlug> platform;

    /**
     * How long to wait, and for how much.
     *
     * @param socket for a connection, and for each wait for bytes; pip's is 15 s
     * @param step for each step
     * @param largestPage pages that are larger are a failure; the largest on PyPI have some 40 MiB
     * @param largestFile files that are larger aren't asked for
     */
    public record Limits(Duration socket, Duration step, ByteSize largestPage, ByteSize largestFile) {
        public static final Limits USUAL =
                new Limits(Duration.ofSeconds(15), Duration.ofSeconds(60), ByteSize.ofMiB(64), ByteSize.ofMiB(32));
    }

    public IndexProbe(Names names, ProjectName project, Limits limits, Clock clock) {
        this(names, project, limits, clock, Optional.empty());
    }

    /** The same, which also looks at what jobs on a platform use. */
    public IndexProbe(Names names, ProjectName project, Limits limits, Clock clock, Optional<PlatformSlug> platform) {
        this.names = names;
        this.project = project;
        this.limits = limits;
        this.clock = clock;
        this.platform = platform;
    }

    /** Looks once. */
    public ProbeResult look(ProbeTarget target) {
        return new Look(target).all();
    }

    /** A file that costs little to fetch, as the index offers it: {@code place} is absolute. */
    public record Offered(URI place, Sha256 digest) {}

    /** Looks for such a file; {@link IOException} where the index offers none. */
    public Offered offered(ProbeTarget target) throws IOException {
        var look = new Look(target);
        look.name();
        look.json();
        ProjectFile file = look.file.orElseThrow();
        return new Offered(look.page.resolve(file.url()), file.digest());
    }

    /** What a step has found. */
    record Found(State state, String text) {
        static Found ok(String text) {
            return new Found(State.OK, text);
        }

        static Found none(String text) {
            return new Found(State.NONE, text);
        }
    }

    /** A step; {@link IOException} says why it fails. */
    @FunctionalInterface
    private interface Trial {
        Found make() throws IOException;
    }

    /** One look: steps go on with what those before them have found. */
    private final class Look {
        private final ProbeTarget target;
        private final List<Step> steps = new ArrayList<>();
        private final Map<String, InetAddress> hosts = new HashMap<>();
        private Optional<ProjectFile> file = Optional.empty();
        private Optional<FetchedFile> fetched = Optional.empty();
        private URI page;

        Look(ProbeTarget target) {
            this.target = target;
            this.page = target.index().resolve(project + "/");
        }

        ProbeResult all() {
            var begun = clock.instant();
            step(Kind.NAME, this::name);
            step(Kind.PAGE, this::json);
            step(Kind.HTML, this::html);
            step(Kind.METADATA, this::metadata);
            step(Kind.FILE, this::file);
            step(Kind.RANGE, this::range);
            step(Kind.WHEELS, this::wheels);
            step(Kind.OVERLAY, this::overlay);
            return new ProbeResult(target, begun, steps);
        }

        private void step(Kind kind, Trial trial) {
            Optional<Kind> missing = before(kind)
                    .filter(needed ->
                            steps.stream().anyMatch(step -> step.kind() == needed && step.state() != State.OK));
            if (missing.isPresent()) {
                steps.add(new Step(kind, State.SKIPPED, Duration.ZERO, "not tried without " + missing.get()));
                return;
            }
            long begin = System.nanoTime();
            Found found;
            try {
                found = trial.make();
            } catch (IOException failed) {
                found = new Found(State.FAILED, String.valueOf(failed.getMessage()));
            }
            steps.add(new Step(kind, found.state(), Duration.ofNanos(System.nanoTime() - begin), found.text()));
        }

        private static Optional<Kind> before(Kind kind) {
            return switch (kind) {
                case NAME -> Optional.empty();
                case PAGE, HTML, WHEELS -> Optional.of(Kind.NAME);
                case METADATA, FILE, OVERLAY -> Optional.of(Kind.PAGE);
                case RANGE -> Optional.of(Kind.FILE);
            };
        }

        private Found name() throws IOException {
            if (target.straight().isPresent()) {
                return Found.ok("straight to " + target.straight().get().getHostAddress());
            }
            return switch (names.resolve(target.index().getHost())) {
                case Names.Answer.None none -> throw new IOException(none.reason());
                case Names.Answer.Addresses found -> {
                    hosts.put(target.index().getHost(), found.addresses().getFirst());
                    yield Found.ok(String.join(
                                    ", ",
                                    found.addresses().stream()
                                            .map(InetAddress::getHostAddress)
                                            .toList())
                            + " for " + found.left().toSeconds() + " s");
                }
            };
        }

        private Found json() throws IOException {
            Fetch.Answer answer = ask(page, Map.of("Accept", PageCheck.ACCEPT, "Accept-Encoding", "gzip, deflate"));
            List<ProjectFile> files = PageCheck.files(answer, limits.largestPage());
            file = ProjectFile.cheapest(files, limits.largestFile().bytes());
            if (file.isEmpty()) {
                throw new IOException("of " + files.size() + " files none is as small as " + limits.largestFile());
            }
            return Found.ok(files.size() + (files.size() == 1 ? " file" : " files") + ", " + PageCheck.kind(answer));
        }

        /** As pip before 22.2 and browsers ask. */
        private Found html() throws IOException {
            Fetch.Answer answer = ask(page, Map.of("Accept", "text/html", "Accept-Encoding", "gzip, deflate"));
            return Found.ok(PageCheck.html(answer, file));
        }

        private Found metadata() throws IOException {
            ProjectFile chosen = file.orElseThrow();
            if (!chosen.offersMetadata()) {
                return Found.none("none is offered for " + chosen.name());
            }
            Fetch.Answer answer = ask(page.resolve(chosen.url() + ".metadata"), Map.of("Accept-Encoding", "identity"));
            return Found.ok(FileCheck.metadata(chosen, answer));
        }

        private Found file() throws IOException {
            ProjectFile chosen = file.orElseThrow();
            URI place = page.resolve(chosen.url());
            var whole = new FetchedFile(place, ask(place, Map.of("Accept-Encoding", "identity")));
            String text = FileCheck.whole(chosen, whole.answer());
            fetched = Optional.of(whole);
            return Found.ok(text);
        }

        /** As pip goes on with a download that broke off: {@code Range} and {@code If-Range} (RFC 9110, section 13.1.5). */
        private Found range() throws IOException {
            FetchedFile whole = fetched.orElseThrow();
            int from = whole.answer().body().length / 2;
            Map<String, String> fields = new HashMap<>(Map.of("Accept-Encoding", "identity"));
            fields.put("Range", "bytes=" + from + "-");
            whole.answer().field("etag").ifPresent(tag -> fields.put("If-Range", tag));
            return Found.ok(FileCheck.rest(whole.answer(), from, ask(whole.place(), fields)));
        }

        /** Prebuilt wheels lie beside the index: those of the platform that is named, or of any. */
        private Found wheels() throws IOException {
            if (platform.isPresent()) {
                Fetch.Answer answer = ask(
                        target.index().resolve("/wheel/" + platform.get() + "/simple/"),
                        Map.of("Accept", PageCheck.ACCEPT, "Accept-Encoding", "gzip, deflate"));
                int projects = PageCheck.projects(answer, limits.largestPage());
                return Found.ok(projects + (projects == 1 ? " project" : " projects"));
            }
            Fetch.Answer answer = ask(target.index().resolve("/wheel/"), Map.of());
            return switch (answer.status()) {
                case 200 -> Found.ok(answer.body().length + " bytes");
                case 404 -> Found.none("none");
                default -> throw new IOException("answers " + answer.status());
            };
        }

        /** Of index and prebuilt wheels together, which has to offer what the index does. */
        private Found overlay() throws IOException {
            if (platform.isEmpty()) {
                return Found.none("no platform is named");
            }
            ProjectFile chosen = file.orElseThrow();
            URI place = target.index().resolve("/overlay/" + platform.get() + "/simple/" + project + "/");
            Fetch.Answer answer = ask(place, Map.of("Accept", PageCheck.ACCEPT, "Accept-Encoding", "gzip, deflate"));
            List<ProjectFile> files = PageCheck.files(answer, limits.largestPage());
            boolean whole = files.stream()
                    .anyMatch(offered -> offered.name().equals(chosen.name())
                            && offered.digest().equals(chosen.digest()));
            if (!whole) {
                throw new IOException("it doesn't offer " + chosen.name() + " as the index does");
            }
            return Found.ok(files.size() + (files.size() == 1 ? " file" : " files"));
        }

        private Fetch.Answer ask(URI what, Map<String, String> fields) throws IOException {
            return Fetch.get(new Fetch.Question(
                    what,
                    new InetSocketAddress(address(what), ProbeTarget.port(what)),
                    fields,
                    limits.largestPage(),
                    limits.socket(),
                    limits.step()));
        }

        private InetAddress address(URI what) throws IOException {
            if (what.getHost().equals(target.index().getHost())
                    && target.straight().isPresent()) {
                return target.straight().get();
            }
            InetAddress known = hosts.get(what.getHost());
            if (known == null) {
                known = switch (names.resolve(what.getHost())) {
                    case Names.Answer.Addresses found -> found.addresses().getFirst();
                    case Names.Answer.None none -> throw new IOException(none.reason());
                };
                hosts.put(what.getHost(), known);
            }
            return known;
        }
    }

    private record FetchedFile(URI place, Fetch.Answer answer) {}
}

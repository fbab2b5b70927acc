package dev.flotilla.controller.drill;

import dev.flotilla.controller.client.CachingNames;
import dev.flotilla.controller.client.Fetch;
import dev.flotilla.controller.client.NameServerNames;
import dev.flotilla.controller.client.Names;
import dev.flotilla.controller.client.Patience;
import dev.flotilla.controller.client.Pip;
import dev.flotilla.controller.client.PipRelay;
import dev.flotilla.controller.drill.Sample.Seen;
import dev.flotilla.controller.drill.Sample.Tries;
import dev.flotilla.controller.drill.VantagePoint.Kind;
import dev.flotilla.controller.drill.Watching.Result;
import dev.flotilla.controller.fleet.Node;
import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.Sha256;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The clients of a drill: who asks what, and what their answers mean. Closes what it holds. */
final class Clients implements AutoCloseable {
    private static final Duration DNS_TIME_OUT = Duration.ofSeconds(2);
    private static final Duration READINESS_TIME_OUT = Duration.ofSeconds(2);
    private static final Duration PIP_LIMIT = Duration.ofMinutes(3);
    private static final ByteSize LARGEST = ByteSize.ofMiB(64);
    private static final Map<String, String> AS_PIP =
            Map.of("Accept", "application/vnd.pypi.simple.v1+json", "Accept-Encoding", "identity");

    private final DrillSubject subject;
    private final Names cache;
    private final Patience patience;
    private final Set<InetAddress> ofRegion;
    private final boolean alsoIpv6;
    private Optional<PipRelay> relay = Optional.empty();

    Clients(DrillSubject subject) {
        this.subject = subject;
        this.alsoIpv6 =
                subject.fleet().nodes().stream().anyMatch(node -> node.address().isIpv6());
        // A real resolver keeps answers itself; a second cache before it would make two lifetimes of one.
        this.cache = subject.resolver()
                .<Names>map(server -> new NameServerNames(server, DNS_TIME_OUT, alsoIpv6))
                .orElseGet(() -> new CachingNames(
                        new NameServerNames(subject.authorities().getFirst(), DNS_TIME_OUT, alsoIpv6),
                        System::nanoTime));
        this.patience = new Patience(cache, LARGEST);
        this.ofRegion = subject.region().nodes().stream()
                .map(node -> node.address().address())
                .collect(Collectors.toUnmodifiableSet());
    }

    /** Has all of them begin. */
    void begin(Watching watching) throws IOException {
        for (Node node : subject.region().nodes()) {
            watching.begin(new VantagePoint(Kind.NODE, node.id() + " says that it is ready"), () -> readiness(node));
        }
        for (InetSocketAddress server : subject.authorities()) {
            var names = new NameServerNames(server, DNS_TIME_OUT, alsoIpv6);
            for (String name : subject.names()) {
                watching.begin(
                        new VantagePoint(
                                Kind.AUTHORITY,
                                "name server " + server.getAddress().getHostAddress() + ": " + name),
                        () -> resolve(names, name));
            }
        }
        for (String name : subject.names()) {
            String which = subject.resolver()
                    .map(server -> "resolver " + server.getHostString())
                    .orElse("client with a cache");
            watching.begin(new VantagePoint(Kind.RESOLVER, which + ": " + name), () -> resolve(cache, name));
            watching.begin(
                    new VantagePoint(Kind.PAGE, "page: " + name), () -> fetch(subject.page(name), Optional.empty()));
            watching.begin(
                    new VantagePoint(Kind.FILE, "file: " + name),
                    () -> fetch(subject.file(name), Optional.of(subject.digest())));
        }
        if (subject.pip().isPresent()) {
            beginPip(watching, subject.pip().get());
        }
    }

    private void beginPip(Watching watching, Path program) throws IOException {
        String name = subject.names().getFirst();
        if (subject.pipNeedsNames()) {
            relay = Optional.of(PipRelay.listen(cache));
        }
        var pip = new Pip(
                program, subject.index(name), subject.project().normal(), relay.map(PipRelay::address), PIP_LIMIT);
        watching.beginOneByOne(new VantagePoint(Kind.PIP, "pip install: " + name), () -> {
            var _ = relay.flatMap(PipRelay::takeLed);
            Pip.Installed installed = pip.install();
            Seen seen = relay.flatMap(PipRelay::takeLed).map(this::seen).orElse(Seen.UNKNOWN);
            Tries tries = !installed.good() ? Tries.FAILED : installed.retried() ? Tries.RETRIED : Tries.FIRST;
            return new Result(seen, tries, installed.why());
        });
    }

    private Result readiness(Node node) {
        URI ready = node.readiness();
        try {
            Fetch.Answer answer = Fetch.get(new Fetch.Question(
                    ready,
                    new InetSocketAddress(node.address().address(), node.clientPort()),
                    Map.of(),
                    ByteSize.ofKiB(64),
                    READINESS_TIME_OUT,
                    READINESS_TIME_OUT));
            return answer.status() == 200
                    ? new Result(Seen.REGION, Tries.FIRST, "")
                    : new Result(
                            Seen.ELSEWHERE,
                            Tries.FIRST,
                            answer.status() + " " + new String(answer.body(), StandardCharsets.UTF_8).strip());
        } catch (IOException away) {
            return new Result(Seen.ELSEWHERE, Tries.FIRST, String.valueOf(away.getMessage()));
        }
    }

    private Result resolve(Names names, String name) {
        return switch (names.resolve(name)) {
            case Names.Answer.None none -> new Result(Seen.UNKNOWN, Tries.FAILED, none.reason());
            case Names.Answer.Addresses found -> new Result(seen(found.addresses()), Tries.FIRST, "");
        };
    }

    private Result fetch(URI what, Optional<Sha256> digest) throws InterruptedException {
        Patience.Ended ended = patience.get(
                what,
                AS_PIP,
                answer -> digest.filter(wanted -> !Sha256.of(answer.body()).equals(wanted))
                        .isEmpty());
        Seen seen = ended.led().map(this::seen).orElse(Seen.UNKNOWN);
        return ended.failure()
                .map(failure -> new Result(seen, Tries.FAILED, failure))
                .orElseGet(() -> new Result(
                        seen,
                        ended.tries() == 1 ? Tries.FIRST : Tries.RETRIED,
                        ended.trouble().orElse("")));
    }

    private Seen seen(Collection<InetAddress> addresses) {
        return addresses.stream().anyMatch(ofRegion::contains) ? Seen.REGION : Seen.ELSEWHERE;
    }

    private Seen seen(InetAddress address) {
        return seen(List.of(address));
    }

    @Override
    public void close() {
        relay.ifPresent(PipRelay::close);
    }
}

package dev.flotilla.mirror.http;

import dev.flotilla.mirror.configuration.MirrorConfiguration;
import dev.flotilla.mirror.ops.WheelsPage;
import dev.flotilla.mirror.policy.Policy;
import dev.flotilla.mirror.upstream.UpstreamIndex;
import dev.flotilla.mirror.wheels.WheelSettings;
import dev.flotilla.mirror.wheels.Wheelhouse;
import dev.flotilla.vocabulary.PlatformSlug;
import io.vertx.core.WorkerExecutor;
import java.net.URI;
import java.util.Optional;
import java.util.function.Consumer;

/** The pages for people of the wheels of platforms. A page of thousands of wheels takes longer than an event loop has. */
final class PlatformResponses {
    private final Wheelhouse wheels;
    private final Policy policy;
    private final Optional<URI> place;
    private final WorkerExecutor workers;

    private PlatformResponses(Wheelhouse wheels, Policy policy, Optional<URI> place, WorkerExecutor workers) {
        this.wheels = wheels;
        this.policy = policy;
        this.place = place;
        this.workers = workers;
    }

    static PlatformResponses of(MirrorConfiguration configuration, Wheelhouse wheels, WorkerExecutor workers) {
        return new PlatformResponses(
                wheels,
                configuration.policy(),
                configuration.wheels().map(WheelSettings::source).flatMap(PlatformResponses::open),
                workers);
    }

    /** Where people may look, too: what only this machine reaches, or wants credentials, is no link for them. */
    private static Optional<URI> open(UpstreamIndex source) {
        String host = source.index().getHost();
        boolean here = host.equals("localhost") || host.equals("[::1]") || host.startsWith("127.");
        return here || source.credentials().isPresent() ? Optional.empty() : Optional.of(source.index());
    }

    /** Makes the document for one platform and has it sent. */
    void answer(Exchange exchange, PlatformSlug platform, String pipConfiguration, Consumer<String> sending) {
        exchange.answer(
                workers.executeBlocking(
                        () -> WheelsPage.of(
                                platform, wheels.index(platform.toString()), policy::admits, place, pipConfiguration),
                        false),
                sending);
    }
}

package dev.flotilla.mirror.http;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.flotilla.mirror.configuration.Keeper;
import dev.flotilla.mirror.configuration.MirrorConfiguration;
import dev.flotilla.mirror.ops.WheelsPage;
import dev.flotilla.mirror.policy.Policy;
import dev.flotilla.mirror.upstream.UpstreamIndex;
import dev.flotilla.mirror.wheels.WheelIndex;
import dev.flotilla.mirror.wheels.WheelSettings;
import dev.flotilla.mirror.wheels.Wheelhouse;
import dev.flotilla.vocabulary.PlatformSlug;
import dev.flotilla.vocabulary.Sha256;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.buffer.Buffer;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The pages for people of the wheels of platforms. A page of thousands of wheels takes longer than an event loop has, and is made once for each state of
 * its index and each address that people come by.
 */
final class PlatformResponses {
    /** Some pages of thousands of wheels, or all of a usual fleet's. */
    private static final long MOST_KEPT_BYTES = 8 << 20;

    private final Wheelhouse wheels;
    private final Policy policy;
    private final Optional<URI> place;
    private final WorkerExecutor workers;
    private final Cache<Key, Document> kept = Caffeine.newBuilder()
            .maximumWeight(MOST_KEPT_BYTES)
            .weigher((Key key, Document document) -> document.body().length())
            .executor(Runnable::run)
            .build();

    /** What a page depends on. The policy is the same as long as this mirror runs. */
    private record Key(PlatformSlug platform, Optional<Sha256> index, String pipConfiguration) {}

    /**
     * A page.
     *
     * @param etag with its quotes
     */
    record Document(Buffer body, String etag) {
        static Document of(String text) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            return new Document(Buffer.buffer(bytes), '"' + Sha256.of(bytes).hex() + '"');
        }
    }

    private PlatformResponses(Wheelhouse wheels, Policy policy, Optional<URI> place, WorkerExecutor workers) {
        this.wheels = wheels;
        this.policy = policy;
        this.place = place;
        this.workers = workers;
    }

    static PlatformResponses of(
            MirrorConfiguration configuration, Wheelhouse wheels, Keeper keeper, WorkerExecutor workers) {
        return new PlatformResponses(
                wheels,
                configuration.policy(),
                configuration
                        .wheels()
                        .map(WheelSettings::source)
                        .filter(source -> keeper.signer().isEmpty())
                        .flatMap(PlatformResponses::open),
                workers);
    }

    /**
     * Where people may look, too: what only this machine reaches, or wants credentials, is no link for them. Where an agent signs this mirror's requests,
     * the place is a bucket that may give nothing to others.
     */
    private static Optional<URI> open(UpstreamIndex source) {
        String host = source.index().getHost();
        boolean here = host.equals("localhost") || host.equals("[::1]") || host.startsWith("127.");
        return here || source.credentials().isPresent() ? Optional.empty() : Optional.of(source.index());
    }

    /** Makes the document for one platform, where it isn't made yet, and has it sent. */
    void answer(Exchange exchange, PlatformSlug platform, String pipConfiguration, Consumer<Document> sending) {
        exchange.answer(workers.executeBlocking(() -> document(platform, pipConfiguration), false), sending);
    }

    private Document document(PlatformSlug platform, String pipConfiguration) {
        Optional<WheelIndex> index = wheels.index(platform.toString());
        var key = new Key(platform, index.map(WheelIndex::digest), pipConfiguration);
        // Of platforms that nobody builds for there are as many as somebody thinks of.
        return index.isEmpty()
                ? made(platform, index, pipConfiguration)
                : kept.get(key, missing -> made(platform, index, pipConfiguration));
    }

    private Document made(PlatformSlug platform, Optional<WheelIndex> index, String pipConfiguration) {
        return Document.of(WheelsPage.of(platform, index, policy::admits, place, pipConfiguration));
    }
}

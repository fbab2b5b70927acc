package dev.flotilla.mirror;

import dev.flotilla.mirror.certificates.Certificates;
import dev.flotilla.mirror.configuration.DescriptorShares;
import dev.flotilla.mirror.configuration.Keeper;
import dev.flotilla.mirror.configuration.ListenAddress;
import dev.flotilla.mirror.configuration.MirrorConfiguration;
import dev.flotilla.mirror.files.MirroredFiles;
import dev.flotilla.mirror.handover.HandOver;
import dev.flotilla.mirror.handover.ListeningSockets;
import dev.flotilla.mirror.handover.Predecessors;
import dev.flotilla.mirror.http.Listeners;
import dev.flotilla.mirror.ops.Overview;
import dev.flotilla.mirror.ops.Readiness;
import dev.flotilla.mirror.ops.RequestLog;
import dev.flotilla.mirror.ops.SdistDownloads;
import dev.flotilla.mirror.ops.Telemetry;
import dev.flotilla.mirror.ops.Traffic;
import dev.flotilla.mirror.pages.PageCache;
import dev.flotilla.mirror.pages.PageCatalogue;
import dev.flotilla.mirror.pages.PageFigures;
import dev.flotilla.mirror.pages.SharedPurges;
import dev.flotilla.mirror.signing.AgentSignatures;
import dev.flotilla.mirror.simple.PageParser;
import dev.flotilla.mirror.simple.RootListParser;
import dev.flotilla.mirror.store.Store;
import dev.flotilla.mirror.store.Verification;
import dev.flotilla.mirror.upstream.HostResolver;
import dev.flotilla.mirror.upstream.Misses;
import dev.flotilla.mirror.upstream.Signatures;
import dev.flotilla.mirror.upstream.Trail;
import dev.flotilla.mirror.upstream.UpstreamIndex;
import dev.flotilla.mirror.upstream.UpstreamLimits;
import dev.flotilla.mirror.upstream.Upstreams;
import dev.flotilla.mirror.upstream.Warehouse;
import dev.flotilla.mirror.wheels.Prefetch;
import dev.flotilla.mirror.wheels.WheelCatalogue;
import dev.flotilla.mirror.wheels.WheelSettings;
import dev.flotilla.mirror.wheels.Wheelhouse;
import dev.flotilla.vocabulary.ByteSize;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.file.FileSystemOptions;
import java.io.IOException;
import java.net.BindException;
import java.net.UnknownHostException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NotDirectoryException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running mirror: the graph of its parts, built from top to bottom and closed in reverse.
 *
 * <p>The way of a request: a listener reads its target into a route of a closed grammar ({@code http}); a page comes from
 * memory, disk or upstream ({@code pages}), a file from disk or from a download that all who ask share ({@code files});
 * nothing but {@code upstream} opens connections to the outside, nothing but {@code store} touches the disk.
 */
final class Mirror implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Mirror.class);

    /** Longer than anything that is waited for here: what takes longer is stuck, and isn't waited for. */
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    /** Between two looks at what keeper and other mirrors want: a small part of what health checks take, and a look costs one stat. */
    private static final Duration LOOK = Duration.ofMillis(200);

    private final Parts parts;
    private final Listeners listeners;
    private final PageCache pages;
    private final ListeningSockets sockets;
    private final HandOver handOver;
    private final Predecessors predecessors;
    private final Duration handOverLimit;
    private final CompletableFuture<Void> hurry = new CompletableFuture<>();

    private Mirror(
            Parts parts,
            Listeners listeners,
            PageCache pages,
            ListeningSockets sockets,
            HandOver handOver,
            Predecessors predecessors,
            Duration handOverLimit) {
        this.sockets = sockets;
        this.predecessors = predecessors;
        this.parts = parts;
        this.listeners = listeners;
        this.pages = pages;
        this.handOver = handOver;
        this.handOverLimit = handOverLimit;
    }

    /**
     * How this mirror comes to its place, and how it loses it.
     *
     * @param way whether it takes over from mirrors that serve the same store
     * @param listening run before the first connection can be accepted
     * @param dismissed run when another one has taken over from this one, which may {@link #end} then
     */
    record Succession(Way way, Runnable listening, Runnable dismissed) {
        /** From nobody, and nobody waits for its end. */
        static final Succession NONE = new Succession(Way.ALONE, () -> {}, () -> {});

        enum Way {
            /** Another mirror in its place is an error. */
            ALONE,
            /** It takes over, and those before it end. */
            TAKE_OVER,
            /** It takes over, and those before it wait until they are ended, or until this one has ended. */
            ON_TRIAL
        }
    }

    /** What was opened, the last one on top. For one thread at a time. */
    private static final class Parts implements AutoCloseable {
        private final Deque<Part> opened = new ArrayDeque<>();

        private record Part(String name, AutoCloseable closing) {}

        void add(String name, AutoCloseable closing) {
            opened.push(new Part(name, closing));
        }

        @Override
        public synchronized void close() {
            while (!opened.isEmpty()) {
                var part = opened.pop();
                try {
                    part.closing().close();
                } catch (Exception failed) {
                    LOG.warn("closing the {} failed: {}", part.name(), String.valueOf(failed.getMessage()));
                }
            }
        }
    }

    /** The mirror could not start, for a reason that its message says in one line. */
    static final class StartException extends Exception {
        private static final long serialVersionUID = 1;

        private final boolean placeTaken;

        StartException(String message, Throwable cause) {
            this(message, cause, false);
        }

        private StartException(String message, Throwable cause, boolean placeTaken) {
            super(message, cause);
            this.placeTaken = placeTaken;
        }

        /** Whether another program listens where this one is to. */
        boolean isPlaceTaken() {
            return placeTaken;
        }
    }

    /** Starts a mirror; it serves when this returns. */
    static Mirror start(MirrorConfiguration configuration, InstantSource clock, String version) throws StartException {
        return start(configuration, clock, version, Succession.NONE, Keeper.NONE);
    }

    /** Starts a mirror, perhaps in place of another; it serves when this returns. */
    static Mirror start(
            MirrorConfiguration configuration,
            InstantSource clock,
            String version,
            Succession succession,
            Keeper keeper)
            throws StartException {
        var parts = new Parts();
        boolean started = false;
        try {
            var mirror = build(parts, configuration, clock, version, succession, keeper);
            started = true;
            return mirror;
        } finally {
            if (!started) {
                parts.close();
            }
        }
    }

    private static Mirror build(
            Parts parts,
            MirrorConfiguration configuration,
            InstantSource clock,
            String version,
            Succession succession,
            Keeper keeper)
            throws StartException {
        var telemetry = new Telemetry(version, configuration.region(), configuration.node());
        parts.add("metrics", telemetry);
        var store = openStore(configuration, telemetry);
        parts.add("store", store);
        store.scratch().ifPresent(NativeLibraries::unpackIn);

        int eventLoops = configuration.http().eventLoopsOn(Runtime.getRuntime().availableProcessors());
        var sockets = new ListeningSockets();
        // Files are sent from where they are, and nothing is served out of archives: no folder of copies is needed for
        // that.
        var noCopies =
                new FileSystemOptions().setClassPathResolvingEnabled(false).setFileCachingEnabled(false);
        var vertx = sockets.vertx(new VertxOptions()
                .setPreferNativeTransport(true)
                .setFileSystemOptions(noCopies)
                .setEventLoopPoolSize(eventLoops));
        parts.add("event loops", () -> await(vertx.close()));
        var workers = configuration.workers();
        WorkerExecutor shortWork = vertx.createSharedWorkerExecutor("short", workers.shortWork());
        WorkerExecutor longWork = vertx.createSharedWorkerExecutor("long", workers.longWork());
        WorkerExecutor names = vertx.createSharedWorkerExecutor("names", workers.names());
        Future<?> rehearsal = longWork.executeBlocking(
                () -> {
                    Verification.rehearse();
                    return true;
                },
                false);

        var upstreams = new Upstreams(
                new Upstreams.Means(vertx, HostResolver.system(names), longWork, clock, telemetry.registry()),
                configuration.upstreams(),
                configuration.wheels().map(WheelSettings::source).stream()
                        .map(place ->
                                new Warehouse(place, signatures(parts, place, configuration.outbound(), vertx, keeper)))
                        .toList(),
                configuration.outbound(),
                version,
                Trail.pseudonym(
                        configuration.region().value(), configuration.node().value()));
        parts.add("upstreams", () -> await(upstreams.close()));
        var wheels = new Wheelhouse(configuration.wheels(), keeper.wheels());
        wheels.look();
        var misses = new Misses(configuration.misses(), telemetry.registry());
        var pages = new PageCache(
                vertx,
                configuration.pages(),
                configuration.policy(),
                wheels,
                new PageParser(configuration.parsing().page()),
                new RootListParser(configuration.parsing().rootList()),
                clock,
                upstreams,
                store.pages(),
                longWork,
                misses,
                configuration.outbound().pageDeadline());
        parts.add("pages", pages);
        var purges = new SharedPurges(pages, store.neighbours(), longWork);
        telemetry.watch(pages);
        var files = new MirroredFiles(
                vertx,
                store.blobs(),
                upstreams,
                new WheelCatalogue(wheels, new PageCatalogue(pages)),
                configuration.files(),
                shortWork,
                longWork,
                telemetry.registry(),
                misses,
                DescriptorShares.ofThisProcess(configuration.http()).files());
        parts.add("files", files);

        var readiness = new Readiness(configuration.draining());
        watch(parts, keeper, readiness, vertx, shortWork);
        again(parts, vertx, shortWork, LOOK, purges::hear);
        configuration.wheels().ifPresent(known -> {
            Runnable prefetch = prefetch(parts, vertx, known, wheels, files, telemetry);
            again(parts, vertx, longWork, known.look(), () -> {
                wheels.look();
                prefetch.run();
            });
        });
        var traffic = new Traffic(
                telemetry.registry(),
                new RequestLog(configuration.http().requestsRemembered()),
                configuration.http().accessLog());
        var overview = new Overview(identity(configuration, version), clock, readiness, traffic, () -> cached(store));
        var certificates = openCertificates(configuration, vertx, clock, telemetry);
        // As late as can be, and accepting later still: whatever fails, the mirror that serves isn't disturbed.
        var predecessors = predecessors(vertx, sockets, store, succession);
        succession.listening().run();
        parts.add("sockets of the mirror before", sockets::closeUnused);
        var listeners = listen(
                vertx,
                sockets,
                configuration,
                clock,
                new Listeners.Services(
                        pages,
                        purges,
                        wheels,
                        files,
                        readiness,
                        overview,
                        traffic,
                        new SdistDownloads(configuration.http().sdistsRemembered(), clock.instant()),
                        telemetry.registry(),
                        shortWork,
                        certificates,
                        keeper));
        parts.add("listeners", () -> await(listeners.close()));
        certificates.ifPresent(known -> again(parts, vertx, shortWork, known.look(), known::check));
        parts.add("readiness", readiness::stopping);
        awaitRehearsal(rehearsal);
        readiness.listening();
        sockets.accept();
        predecessors.serving();
        sockets.closeUnused();
        // Closed before the listeners: those before serve again while this one still ends its answers.
        parts.add("conversations with mirrors before", predecessors);
        var handOver = HandOver.open(vertx, sockets, store.door(), succession.dismissed());
        parts.add("hand-over", handOver);
        if (succession.way() == Succession.Way.TAKE_OVER) {
            predecessors.dismiss();
        }
        LOG.info(
                "mirror {} of region {}, node {}: clients at http://{}/{}, operations at http://{}/{}",
                version,
                configuration.region(),
                configuration.node(),
                listeners.clients(),
                listeners
                        .encryptedClients()
                        .map(address -> " and https://" + address + "/"
                                + certificates
                                        .map(known -> " by " + known.engine())
                                        .orElse(""))
                        .orElse(""),
                listeners.operations(),
                vertx.isNativeTransportEnabled() ? "" : ", without native transport");
        return new Mirror(
                parts,
                listeners,
                pages,
                sockets,
                handOver,
                predecessors,
                configuration.http().handOverLimit());
    }

    /** For a place of wheels without credentials of its own, where somebody keeps this mirror. */
    private static Signatures signatures(
            Parts parts, UpstreamIndex place, UpstreamLimits limits, Vertx vertx, Keeper keeper) {
        if (place.credentials().isPresent() || keeper.signer().isEmpty()) {
            return Signatures.NONE;
        }
        try {
            var signatures = AgentSignatures.at(vertx, keeper.signer().get(), limits.connectTimeout());
            parts.add("signatures", signatures);
            return signatures;
        } catch (IOException unreadable) {
            LOG.warn(
                    "requests for wheels can't be signed: the agent's folder can't be used: {}", unreadable.toString());
            return Signatures.NONE;
        }
    }

    /** What has wheels fetched before anybody asks, after each look at their indexes. */
    private static Runnable prefetch(
            Parts parts,
            Vertx vertx,
            WheelSettings settings,
            Wheelhouse wheels,
            MirroredFiles files,
            Telemetry telemetry) {
        if (settings.prefetch().isEmpty()) {
            return () -> {};
        }
        var known = settings.prefetch().get();
        var ahead = files.ahead(known.percent());
        var prefetch = new Prefetch(vertx, known, wheels, ahead::bring, telemetry.registry());
        parts.add("fetching of wheels ahead of time", prefetch);
        return prefetch::look;
    }

    /** What the keeper wants counts before this mirror says anything about itself, and is looked at again all the time. */
    private static void watch(Parts parts, Keeper keeper, Readiness readiness, Vertx vertx, WorkerExecutor shortWork) {
        if (keeper.folder().isPresent()) {
            readiness.drainedByKeeper(keeper.wantsDrain());
            again(parts, vertx, shortWork, LOOK, () -> readiness.drainedByKeeper(keeper.wantsDrain()));
        }
    }

    /** Looks until the parts are closed. A mirror under load may look late, never twice at a time. */
    private static void again(Parts parts, Vertx vertx, WorkerExecutor workers, Duration time, Runnable look) {
        var looking = new AtomicBoolean();
        long timer = vertx.setPeriodic(time.toMillis(), due -> {
            if (looking.compareAndSet(false, true)) {
                workers.executeBlocking(
                                () -> {
                                    look.run();
                                    return true;
                                },
                                false)
                        .onComplete(done -> looking.set(false));
            }
        });
        parts.add("looks", () -> vertx.cancelTimer(timer));
    }

    private static Predecessors predecessors(Vertx vertx, ListeningSockets sockets, Store store, Succession succession)
            throws StartException {
        if (succession.way() == Succession.Way.ALONE) {
            return Predecessors.none();
        }
        try {
            return Predecessors.ask(vertx, sockets, store.doorsOfOthers());
        } catch (IOException unreadable) {
            throw new StartException(
                    "the store can't be searched for the mirror that serves it: " + reason(unreadable), unreadable);
        }
    }

    private static void awaitRehearsal(Future<?> rehearsal) throws StartException {
        try {
            await(rehearsal);
        } catch (Exception fault) {
            throw new StartException("no file could be verified: " + fault.getMessage(), fault);
        }
    }

    private static Overview.Identity identity(MirrorConfiguration configuration, String version) {
        return new Overview.Identity(
                configuration.region(),
                configuration.node(),
                version,
                configuration.upstreams().stream().map(UpstreamIndex::name).toList());
    }

    private static Store openStore(MirrorConfiguration configuration, Telemetry telemetry) throws StartException {
        var settings = configuration.store();
        try {
            return Store.open(settings.path(), settings.limits(), telemetry.registry());
        } catch (IOException unusable) {
            throw new StartException(
                    "the store " + settings.path() + " can't be used: " + reason(unusable)
                            + "; name a folder that this user may write: store.path",
                    unusable);
        }
    }

    private static Optional<Certificates> openCertificates(
            MirrorConfiguration configuration, Vertx vertx, InstantSource clock, Telemetry telemetry)
            throws StartException {
        if (configuration.tls().isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(Certificates.open(configuration.tls().get(), vertx, clock, telemetry.registry()));
        } catch (IOException unusable) {
            throw new StartException(
                    "the certificate can't be used: " + reason(unusable)
                            + "; tls.certificate and tls.key name PEM files that this user may read",
                    unusable);
        }
    }

    /** The exceptions of the file system often say nothing but a path. */
    private static String reason(IOException exception) {
        return switch (exception) {
            case AccessDeniedException denied -> "no permission for " + denied.getFile();
            case FileAlreadyExistsException other -> other.getFile() + " is no folder";
            case NotDirectoryException other -> other.getFile() + " is no folder";
            case FileSystemException system
            when system.getReason() != null -> system.getFile() + ": " + system.getReason();
            default -> String.valueOf(exception.getMessage());
        };
    }

    private static Overview.Cached cached(Store store) {
        var pages = store.pages().figures();
        var files = store.blobs().figures();
        return new Overview.Cached(
                pages.entries(),
                files.entries(),
                new ByteSize(pages.held().bytes() + files.held().bytes()),
                new ByteSize(pages.budget().bytes() + files.budget().bytes()),
                store.trouble());
    }

    private static Listeners listen(
            Vertx vertx,
            ListeningSockets sockets,
            MirrorConfiguration configuration,
            InstantSource clock,
            Listeners.Services services)
            throws StartException {
        try {
            return await(Listeners.open(vertx, sockets, configuration, clock, services));
        } catch (Listeners.ListenException refused) {
            throw new StartException(
                    refusal(refused.address(), refused.reason()), refused, isPlaceTaken(refused.reason()));
        } catch (Exception unexpected) {
            throw new StartException("the listeners can't be opened: " + unexpected.getMessage(), unexpected);
        }
    }

    private static String refusal(ListenAddress address, Throwable cause) {
        String message = String.valueOf(cause.getMessage());
        if (cause instanceof UnknownHostException || message.contains("assign requested address")) {
            return address.host() + " is no address of this machine: listen on another host";
        }
        if (message.contains("Permission denied")) {
            return "port " + address.port() + " on " + address.host() + " needs a permission that this user lacks";
        }
        return isPlaceTaken(cause)
                ? "port " + address.port() + " on " + address.host()
                        + " is in use by another program: end that one or listen on another port"
                : "port " + address.port() + " on " + address.host() + " can't be opened: " + message;
    }

    private static boolean isPlaceTaken(Throwable cause) {
        return cause instanceof BindException
                || String.valueOf(cause.getMessage()).contains("in use");
    }

    private static <T> T await(Future<T> future) throws Exception {
        try {
            return future.toCompletionStage().toCompletableFuture().get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof Exception cause) {
                throw cause;
            }
            throw failed;
        } catch (TimeoutException stuck) {
            throw new IllegalStateException("nothing happened for " + PATIENCE.toSeconds() + " s", stuck);
        }
    }

    /** Where clients come. */
    ListenAddress clients() {
        return listeners.clients();
    }

    /** Where clients come by HTTPS, if they may. */
    Optional<ListenAddress> encryptedClients() {
        return listeners.encryptedClients();
    }

    /** Where operators come. */
    ListenAddress operations() {
        return listeners.operations();
    }

    PageFigures pageFigures() {
        return pages.figures();
    }

    /** Whether another mirror serves in place of this one. */
    boolean isHandedOver() {
        return handOver.isHandedOver();
    }

    /**
     * Ends. Where another mirror serves in place of this one, or serves again since this one was on trial, those who are
     * connected to this one are served until they have left, for the configured time at most; else as {@link #close}. Blocks.
     */
    void end() {
        if (isHandedOver() || predecessors.areWaiting()) {
            leave();
        }
        close();
    }

    private void leave() {
        predecessors.close();
        handOver.leave();
        LOG.info(
                "another mirror serves in place of this one; {} connections are left to end, for {} s at most",
                sockets.connections(),
                handOverLimit.toSeconds());
        listeners.leave();
        try {
            CompletableFuture.anyOf(sockets.gone(), hurry).get(handOverLimit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException late) {
            LOG.warn(
                    "{} connections are still open after {} s, and are closed (http.hand-over-limit)",
                    sockets.connections(),
                    handOverLimit.toSeconds());
        } catch (ExecutionException failed) {
            LOG.error("a fault while waiting for the last connections", failed);
        } catch (InterruptedException inAHurry) {
            Thread.currentThread().interrupt();
        }
    }

    /** Has {@link #end} wait no longer than {@link #close} does. */
    void hurry() {
        hurry.complete(null);
    }

    /** Stops accepting, lets running answers end for the configured time, and closes everything. */
    @Override
    public void close() {
        parts.close();
    }
}

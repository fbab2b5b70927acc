package dev.flotilla.mirror.http;

import dev.flotilla.mirror.configuration.Keeper;
import dev.flotilla.mirror.configuration.ListenAddress;
import dev.flotilla.mirror.configuration.MirrorConfiguration;
import dev.flotilla.mirror.files.FileService;
import dev.flotilla.mirror.handover.ListeningSockets;
import dev.flotilla.mirror.handover.Place;
import dev.flotilla.mirror.ops.Overview;
import dev.flotilla.mirror.ops.Readiness;
import dev.flotilla.mirror.ops.Traffic;
import dev.flotilla.mirror.pages.PageCache;
import dev.flotilla.mirror.pages.SharedPurges;
import dev.flotilla.mirror.upstream.Trail;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.time.InstantSource;
import java.util.Optional;
import java.util.stream.Stream;

/** The two listeners of a mirror: for clients on every event loop, for operators on one. For any thread. */
public final class Listeners {
    private final MirrorConfiguration configuration;
    private final Listener clients;
    private final Listener operations;

    private Listeners(MirrorConfiguration configuration, Listener clients, Listener operations) {
        this.configuration = configuration;
        this.clients = clients;
        this.operations = operations;
    }

    /**
     * What the listeners hand out.
     *
     * @param shortWork for what blocks for a moment
     * @param keeper who may purge beside operators
     */
    public record Services(
            PageCache pages,
            SharedPurges purges,
            FileService files,
            Readiness readiness,
            Overview overview,
            Traffic traffic,
            PrometheusMeterRegistry meters,
            WorkerExecutor shortWork,
            Keeper keeper) {}

    /** A listener could not be opened. */
    public static final class ListenException extends Exception {
        private static final long serialVersionUID = 1;
        private final transient ListenAddress address;
        private final transient Throwable reason;

        ListenException(ListenAddress address, Throwable cause) {
            super(cause);
            this.address = address;
            this.reason = cause;
        }

        /** What the system said. */
        public Throwable reason() {
            return reason;
        }

        /** Where it was to listen. */
        public ListenAddress address() {
            return address;
        }
    }

    /** Opens both listeners; the future fails with a {@link ListenException} where one can't be. */
    public static Future<Listeners> open(
            Vertx vertx,
            ListeningSockets sockets,
            MirrorConfiguration configuration,
            InstantSource clock,
            Services services) {
        var desk = Exchange.Desk.of(configuration.region(), clock, services.traffic());
        String node = configuration.region() + " " + configuration.node();
        var client = new ClientListener(
                desk,
                services.pages(),
                services.files(),
                services.readiness(),
                services.overview(),
                configuration.listen(),
                node,
                Trail.pseudonym(
                        configuration.region().value(), configuration.node().value()),
                new FailureMapping(configuration.http().retryAfterLimit()));
        int eventLoops = configuration.http().eventLoopsOn(Runtime.getRuntime().availableProcessors());
        return Listener.open(
                        vertx,
                        sockets,
                        Place.ofClients(configuration.listen()),
                        configuration.http(),
                        eventLoops,
                        client::handle)
                .recover(cause -> Future.failedFuture(new ListenException(configuration.listen(), cause)))
                .compose(clients -> Listener.open(
                                vertx,
                                sockets,
                                Place.ofOperations(configuration.operations().address()),
                                configuration.http(),
                                1,
                                operator(desk, configuration, services, clients.address())::handle)
                        .recover(cause -> Future.failedFuture(
                                new ListenException(configuration.operations().address(), cause)))
                        .map(operations -> new Listeners(configuration, clients, operations)))
                .map(listeners -> listeners.registered(services.meters()));
    }

    private static OperationsListener operator(
            Exchange.Desk desk, MirrorConfiguration configuration, Services services, ListenAddress clients) {
        return new OperationsListener(
                desk,
                services.pages(),
                services.readiness(),
                services.overview(),
                clients,
                configuration.region() + " " + configuration.node(),
                services.meters(),
                new PurgeResponses(
                        services.purges(),
                        Stream.of(
                                        configuration.operations().purgeToken(),
                                        services.keeper().token())
                                .flatMap(Optional::stream)
                                .toList(),
                        services.shortWork(),
                        services.meters()));
    }

    private Listeners registered(PrometheusMeterRegistry meters) {
        Gauge.builder("flotilla.mirror.connections", clients, Listener::connections)
                .description("Open connections of clients")
                .register(meters);
        return this;
    }

    /** Where clients come, with the real port. */
    public ListenAddress clients() {
        return clients.address();
    }

    /** Where operators come, with the real port. */
    public ListenAddress operations() {
        return operations.address();
    }

    /** Has every connection end with the answer to the next request on it. For when others accept the new ones. */
    public void leave() {
        clients.leave();
        operations.leave();
    }

    /** Accepts nothing more and lets running answers end, bounded by the configuration. */
    public Future<Void> close() {
        return clients.close(configuration.http()).compose(closed -> operations.close(configuration.http()));
    }
}

package dev.flotilla.mirror.http;

import dev.flotilla.mirror.certificates.Certificates;
import dev.flotilla.mirror.configuration.Keeper;
import dev.flotilla.mirror.configuration.ListenAddress;
import dev.flotilla.mirror.configuration.MirrorConfiguration;
import dev.flotilla.mirror.files.FileService;
import dev.flotilla.mirror.handover.ListeningSockets;
import dev.flotilla.mirror.handover.Place;
import dev.flotilla.mirror.ops.Overview;
import dev.flotilla.mirror.ops.Readiness;
import dev.flotilla.mirror.ops.SdistDownloads;
import dev.flotilla.mirror.ops.Traffic;
import dev.flotilla.mirror.pages.PageCache;
import dev.flotilla.mirror.pages.SharedPurges;
import dev.flotilla.mirror.upstream.Trail;
import dev.flotilla.mirror.wheels.Wheelhouse;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.http.HttpServerRequest;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;

/** The listeners of a mirror: for clients on every event loop, plain and encrypted, and for operators on one. For any thread. */
public final class Listeners {
    private final MirrorConfiguration configuration;
    private final Listener clients;
    private final Optional<Listener> encrypted;
    private final Listener operations;

    private Listeners(
            MirrorConfiguration configuration, Listener clients, Optional<Listener> encrypted, Listener operations) {
        this.configuration = configuration;
        this.clients = clients;
        this.encrypted = encrypted;
        this.operations = operations;
    }

    /**
     * What the listeners hand out.
     *
     * @param shortWork for what blocks for a moment
     * @param certificates what clients see who come by HTTPS, where they may
     * @param keeper who may purge beside operators
     */
    public record Services(
            PageCache pages,
            SharedPurges purges,
            Wheelhouse wheels,
            FileService files,
            Readiness readiness,
            Overview overview,
            Traffic traffic,
            SdistDownloads sdists,
            PrometheusMeterRegistry meters,
            WorkerExecutor shortWork,
            Optional<Certificates> certificates,
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
        var failures = new FailureMapping(configuration.http().retryAfterLimit(), new Random());
        var client = new ClientListener(
                desk,
                services.pages(),
                services.files(),
                services.readiness(),
                services.overview(),
                new ClientFileResponses(configuration),
                node,
                Trail.pseudonym(
                        configuration.region().value(), configuration.node().value()),
                failures,
                new SdistResponses(services.sdists(), services.wheels()),
                PlatformResponses.of(configuration, services.wheels(), services.keeper(), services.shortWork()),
                configuration.misses());
        int eventLoops = configuration.http().eventLoopsOn(Runtime.getRuntime().availableProcessors());
        var opening = new Opening(vertx, sockets, configuration);
        var room = ConnectionRoom.ofClients(configuration.http(), configuration.misses());
        return opening.open(Place.ofClients(configuration.listen()), room, eventLoops, Optional.empty(), client::handle)
                .compose(clients -> encrypted(opening, room, services.certificates(), eventLoops, client)
                        .compose(encrypted -> opening.open(
                                        Place.ofOperations(
                                                configuration.operations().address()),
                                        ConnectionRoom.ofOperators(configuration.http(), configuration.misses()),
                                        1,
                                        Optional.empty(),
                                        operator(desk, configuration, services, clients.address())::handle)
                                .map(operations -> new Listeners(configuration, clients, encrypted, operations))))
                .map(listeners -> listeners.registered(services.meters()));
    }

    private static Future<Optional<Listener>> encrypted(
            Opening opening,
            ConnectionRoom room,
            Optional<Certificates> certificates,
            int eventLoops,
            ClientListener client) {
        if (certificates.isEmpty()) {
            return Future.succeededFuture(Optional.empty());
        }
        var known = certificates.get();
        return opening.open(
                        Place.ofEncryptedClients(known.settings().address()),
                        room,
                        eventLoops,
                        certificates,
                        client::handle)
                .map(listener -> {
                    known.tell(certificate -> listener.update(known.settings(), certificate));
                    return Optional.of(listener);
                });
    }

    /** What every listener is opened with. */
    private record Opening(Vertx vertx, ListeningSockets sockets, MirrorConfiguration configuration) {
        Future<Listener> open(
                Place place,
                ConnectionRoom room,
                int eventLoops,
                Optional<Certificates> certificates,
                Handler<HttpServerRequest> handler) {
            return Listener.open(vertx, sockets, place, configuration.http(), room, eventLoops, certificates, handler)
                    .recover(cause -> Future.failedFuture(new ListenException(place.address(), cause)));
        }
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
                        services.meters()),
                new SdistResponses(services.sdists(), services.wheels()));
    }

    private Listeners registered(PrometheusMeterRegistry meters) {
        Gauge.builder("flotilla.mirror.connections", this, Listeners::connections)
                .description("Open connections of clients")
                .register(meters);
        return this;
    }

    private int connections() {
        return clients.connections() + encrypted.map(Listener::connections).orElse(0);
    }

    /** Where clients come, with the real port. */
    public ListenAddress clients() {
        return clients.address();
    }

    /** Where clients come by HTTPS, with the real port, if they may. */
    public Optional<ListenAddress> encryptedClients() {
        return encrypted.map(Listener::address);
    }

    /** Where operators come, with the real port. */
    public ListenAddress operations() {
        return operations.address();
    }

    /** Has every connection end with the answer to the next request on it. For when others accept the new ones. */
    public void leave() {
        clients.leave();
        encrypted.ifPresent(Listener::leave);
        operations.leave();
    }

    /** Accepts nothing more and lets running answers end, bounded by the configuration. */
    public Future<Void> close() {
        return Future.join(Stream.concat(Stream.of(clients), encrypted.stream())
                        .map(listener -> listener.close(configuration.http()))
                        .toList())
                .transform(closed -> operations.close(configuration.http()));
    }
}

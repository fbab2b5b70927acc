package dev.flotilla.mirror.http;

import dev.flotilla.clients.Authority;
import dev.flotilla.clients.Base;
import dev.flotilla.clients.ClientFile;
import dev.flotilla.clients.ClientFiles;
import dev.flotilla.clients.Index;
import dev.flotilla.clients.RegionDescription;
import dev.flotilla.mirror.configuration.ListenAddress;
import dev.flotilla.mirror.configuration.MirrorConfiguration;
import dev.flotilla.mirror.configuration.TlsSettings;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.HostAndPort;
import java.util.Optional;
import java.util.OptionalInt;

/** Tells clients how to use this mirror: its description, and the files that are made of it. */
final class ClientFileResponses {
    private final RegionDescription description;
    private final ListenAddress configured;

    ClientFileResponses(MirrorConfiguration configuration) {
        this.configured = configuration.listen();
        var clients = configuration.clients();
        this.description = new RegionDescription(
                configuration.region(),
                clients.name(),
                clients.globalName(),
                port(Optional.of(configured)),
                port(configuration.tls().map(TlsSettings::address)),
                clients.platforms(),
                clients.constraints());
    }

    /** A port that the system chooses is known to nobody beforehand. */
    private static OptionalInt port(Optional<ListenAddress> address) {
        return address.filter(known -> known.port() > 0)
                .map(known -> OptionalInt.of(known.port()))
                .orElse(OptionalInt.empty());
    }

    void description(Exchange exchange) {
        exchange.put(HttpHeaders.CONTENT_TYPE, "application/json")
                .put(HttpHeaders.VARY, HttpHeaders.HOST)
                .put(HttpHeaders.CACHE_CONTROL, Fields.NO_STORE);
        exchange.end(200, Buffer.buffer(description.json(asked(exchange.request()))));
    }

    void file(Exchange exchange, ClientFile file, ClientFileQuery query) {
        Base asked = asked(exchange.request());
        boolean encrypted = query.encrypted().orElse(asked.encrypted());
        Optional<Base> base = query.scope()
                .map(scope -> description.base(scope, encrypted))
                .orElseGet(() -> description.base(asked, encrypted));
        if (base.isEmpty()) {
            exchange.fail(FailureMapping.of(new Route.Malformed("this mirror has no "
                    + query.scope()
                            .map(scope ->
                                    scope == RegionDescription.Scope.REGION ? "name of its region " : "global name ")
                            .orElse("listener ")
                    + "that clients come to by " + (encrypted ? "https" : "http"))));
            return;
        }
        exchange.put(HttpHeaders.VARY, HttpHeaders.HOST);
        exchange.text(200, new ClientFiles(base.get(), query.index(), description).text(file));
    }

    /** The pip.conf for the address by which this request came. */
    String pipConfiguration(HttpServerRequest request) {
        return new ClientFiles(asked(request), new Index.Plain(), description).text(ClientFile.PIP);
    }

    private Base asked(HttpServerRequest request) {
        return authority(request)
                .flatMap(Authority::parse)
                .map(authority -> new Base(request.isSSL(), authority))
                .orElseGet(() -> new Base(false, own(request)));
    }

    /** Where a port was left to the system, the one at which this request came. */
    private Authority own(HttpServerRequest request) {
        int port = configured.port() > 0
                ? configured.port()
                : request.localAddress().port();
        String hostAndPort = new ListenAddress(configured.host(), port).toString();
        return new Authority(hostAndPort.substring(0, hostAndPort.lastIndexOf(':')), hostAndPort);
    }

    /** As what the client knows this mirror. */
    private static Optional<String> authority(HttpServerRequest request) {
        if (request.version() == HttpVersion.HTTP_2) {
            // A pseudo-header field there (RFC 9113, section 8.3.1).
            return Optional.ofNullable(request.authority()).map(HostAndPort::toString);
        }
        // Two of them are joined by a comma, which the grammar has no place for.
        return Fields.joined(request, HttpHeaders.HOST);
    }
}

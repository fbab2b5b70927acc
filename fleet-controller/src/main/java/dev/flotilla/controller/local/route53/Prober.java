package dev.flotilla.controller.local.route53;

import dev.flotilla.controller.client.TrustEverything;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/**
 * Makes one probe, as the Developer Guide says in "How Amazon Route 53 determines whether a health check is healthy":
 * HTTP connects within four seconds and answers with a status of 200 to 399 within two seconds after that; the searched
 * string stands within the first 5,120 bytes of the body, which arrive within two seconds after the status; TCP connects
 * within ten seconds. Redirects are not followed. Immutable; a probe ends when its thread is interrupted.
 */
final class Prober {
    private static final Duration HTTP_CONNECT = Duration.ofSeconds(4);
    private static final Duration HTTP_STATUS = Duration.ofSeconds(2);
    private static final Duration HTTP_BODY = Duration.ofSeconds(2);
    private static final Duration TCP_CONNECT = Duration.ofSeconds(10);
    private static final int SEARCHED_BYTES = 5_120;

    private final Clock clock;

    Prober(Clock clock) {
        this.clock = clock;
    }

    /** Never fails: what goes wrong is what was observed. */
    Observation probe(HealthCheckSettings settings, Checker checker) throws InterruptedException {
        try (Socket socket = new Socket()) {
            if (checker.source().isPresent()) {
                socket.bind(new InetSocketAddress(checker.source().get(), 0));
            }
            return switch (settings.kind()) {
                case TCP -> {
                    connect(socket, settings, TCP_CONNECT);
                    yield passed("TCP connection established");
                }
                case HTTP, HTTP_STR_MATCH -> {
                    connect(socket, settings, HTTP_CONNECT);
                    yield probeHttp(socket, settings);
                }
                case HTTPS, HTTPS_STR_MATCH -> {
                    connect(socket, settings, HTTP_CONNECT);
                    try (SSLSocket secured = secure(socket, settings)) {
                        yield probeHttp(secured, settings);
                    }
                }
            };
        } catch (SocketTimeoutException late) {
            return failed("Connection timed out. " + late.getMessage());
        } catch (IOException failure) {
            // The socket of an interrupted virtual thread is closed under its reads and writes.
            if (Thread.currentThread().isInterrupted()) {
                throw new InterruptedException("the probe was interrupted");
            }
            return failed(String.valueOf(failure.getMessage()));
        }
    }

    private static void connect(Socket socket, HealthCheckSettings settings, Duration within) throws IOException {
        socket.connect(new InetSocketAddress(settings.address(), settings.port()), Math.toIntExact(within.toMillis()));
    }

    /** Developer Guide, "Values that you specify when you create or update health checks": certificates aren't validated. */
    private static SSLSocket secure(Socket socket, HealthCheckSettings settings) throws IOException {
        socket.setSoTimeout(Math.toIntExact(HTTP_CONNECT.toMillis()));
        SSLSocket secured = (SSLSocket) TrustEverything.context()
                .getSocketFactory()
                .createSocket(socket, settings.address().getHostAddress(), settings.port(), false);
        SSLParameters parameters = secured.getSSLParameters();
        settings.hostName()
                .filter(_ -> settings.enableSni())
                .ifPresent(name -> parameters.setServerNames(List.of(new SNIHostName(name))));
        secured.setSSLParameters(parameters);
        secured.startHandshake();
        return secured;
    }

    private Observation probeHttp(Socket socket, HealthCheckSettings settings) throws IOException {
        HttpAnswer answer = new HttpAnswer(new TimedInput(socket, HTTP_STATUS));
        socket.getOutputStream().write(request(settings).getBytes(StandardCharsets.US_ASCII));
        int status = answer.readStatus();
        if (status < 200 || status >= 400) {
            return failed("HTTP Status Code " + status);
        }
        Optional<String> searched = settings.searchString();
        if (searched.isPresent()) {
            String body = new String(answer.readBody(HTTP_BODY, SEARCHED_BYTES), StandardCharsets.UTF_8);
            if (!body.contains(searched.get())) {
                return failed("HTTP Status Code " + status + ". Response body did not match the search string");
            }
        }
        return passed("HTTP Status Code " + status);
    }

    /** API Reference, HealthCheckConfig, FullyQualifiedDomainName: the host with its port, unless that is usual. */
    private static String request(HealthCheckSettings settings) {
        String address = settings.address().getHostAddress();
        String host =
                settings.hostName().orElse(settings.address() instanceof Inet6Address ? "[" + address + "]" : address);
        String port = settings.port() == settings.kind().usualPort() ? "" : ":" + settings.port();
        String path = settings.resourcePath().isEmpty() ? "/" : settings.resourcePath();
        return "GET " + path + " HTTP/1.1\r\nHost: " + host + port
                + "\r\nUser-Agent: Flotilla-Health-Check\r\nAccept: */*\r\nAccept-Encoding: identity\r\n"
                + "Connection: close\r\n\r\n";
    }

    private Observation passed(String detail) {
        return new Observation(true, "Success: " + detail, clock.instant());
    }

    private Observation failed(String detail) {
        return new Observation(false, "Failure: " + detail, clock.instant());
    }
}

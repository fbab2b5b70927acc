package dev.flotilla.mirror.http;

import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import java.util.List;
import java.util.Optional;

/**
 * What Netty takes for the head of a request in HTTP/1 and others don't: versions that aren't spoken here, fields without a name, and
 * hosts that are missing, several or none (RFC 9112, sections 2.3 and 3.2). It is refused as any other head that can't be read.
 */
final class RequestHeads {
    private RequestHeads() {}

    /** Has a request be refused whose head isn't one. */
    static void judge(HttpRequest request) {
        if (request.decoderResult().isSuccess()) {
            problem(request).ifPresent(problem -> {
                request.setDecoderResult(DecoderResult.failure(new IllegalArgumentException(problem)));
                // The answer has the version of the request.
                request.setProtocolVersion(HttpVersion.HTTP_1_1);
            });
        }
    }

    private static Optional<String> problem(HttpRequest request) {
        boolean spoken = request.protocolVersion().equals(HttpVersion.HTTP_1_1);
        if (!spoken && !request.protocolVersion().equals(HttpVersion.HTTP_1_0)) {
            return Optional.of("a version that isn't spoken here");
        }
        if (request.headers().contains("")) {
            return Optional.of("a field without a name");
        }
        List<String> hosts = request.headers().getAll(HttpHeaderNames.HOST);
        boolean right = hosts.isEmpty() ? !spoken : hosts.size() == 1 && isHost(hosts.getFirst());
        return right ? Optional.empty() : Optional.of("no host, several, or what is none");
    }

    private static boolean isHost(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c <= ' ' || c >= 0x7f || c == '/' || c == '\\') {
                return false;
            }
        }
        return !text.isEmpty();
    }
}

package dev.flotilla.mirror.http;

import java.util.LinkedHashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Takes out of a reason what is for the log alone: where upstreams and buckets are. Their hosts may be names and addresses of a network that
 * clients have no business in. Pure.
 */
final class Addresses {
    private static final String ELSEWHERE = "its address";

    /** What was asked: who failed stands before it, and what came of it behind. */
    private static final Pattern REQUEST = Pattern.compile("GET https?://\\S+: ");

    private static final Pattern URL =
            Pattern.compile("(?i)https?://(?<host>\\[[^]\\s]*]|[^/:\\s'\"]+)[^\\s'\",;)]*(?<!:)");

    private static final String IPV4 = "\\d{1,3}(?:\\.\\d{1,3}){3}";
    private static final String IPV6 = "\\[?(?:[0-9a-fA-F]{0,4}:){2,7}[0-9a-fA-F.]{0,15}(?:%\\w+)?]?";

    /** As sockets write themselves, {@code name/address:port}, the address alone, or name and port. */
    private static final Pattern SOCKET =
            Pattern.compile("(?<![\\w:.-])(?:(?<host>[A-Za-z_][\\w.-]*)?/)?(?:" + IPV4 + "|(?<!\\d)" + IPV6
                    + ")(?::\\d{1,5})?(?![\\w:])|(?<![\\w:.-])(?<named>[A-Za-z_][\\w.-]*):\\d{1,5}(?![\\w:.]*\\w)");

    private Addresses() {}

    /** The reason without any address, and without the names of hosts that stand in one of its addresses. */
    static String without(String reason) {
        Set<String> hosts = new LinkedHashSet<>();
        collect(URL, "host", reason, hosts);
        String text = URL.matcher(REQUEST.matcher(reason).replaceAll("")).replaceAll(ELSEWHERE);
        collect(SOCKET, "host", text, hosts);
        collect(SOCKET, "named", text, hosts);
        text = SOCKET.matcher(text).replaceAll(ELSEWHERE);
        for (String host : hosts) {
            text = Pattern.compile(
                            "(?<![\\w.-]|upstream )" + Pattern.quote(host) + "(?![\\w-])", Pattern.CASE_INSENSITIVE)
                    .matcher(text)
                    .replaceAll(ELSEWHERE);
        }
        return text;
    }

    private static void collect(Pattern pattern, String group, String text, Set<String> hosts) {
        Matcher matcher = pattern.matcher(text);
        while (matcher.find()) {
            String host = matcher.group(group);
            if (host != null && host.length() > 1) {
                hosts.add(host);
            }
        }
    }
}

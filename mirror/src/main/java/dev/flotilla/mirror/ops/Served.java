package dev.flotilla.mirror.ops;

import java.util.List;
import java.util.Optional;

/**
 * What clients were given last of what was here, without asking upstream: a project page and a whole file. Whoever replaces this
 * mirror has to be able to give them out, too.
 *
 * @param page the path of a page at the clients' listener
 * @param file the path of a file there
 */
public record Served(Optional<String> page, Optional<String> file) {
    private static final int OK = 200;

    /** @param latest the remembered requests, the latest first */
    static Served of(List<RequestRecord> latest) {
        return new Served(last(latest, "page"), last(latest, "file"));
    }

    private static Optional<String> last(List<RequestRecord> latest, String route) {
        return latest.stream()
                .filter(record -> record.route().equals(route) && record.status() == OK)
                .filter(record -> record.cache().equals("hit"))
                .map(RequestRecord::target)
                // A target that was cut, or that came as a whole URL, can't be asked for again.
                .filter(target -> target.startsWith("/") && !target.endsWith("…"))
                .findFirst();
    }
}

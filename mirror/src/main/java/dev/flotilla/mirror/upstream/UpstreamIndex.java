package dev.flotilla.mirror.upstream;

import dev.flotilla.vocabulary.ProjectName;
import dev.flotilla.vocabulary.PublicIndex;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * One upstream: where its simple index begins and from which hosts its files may come.
 *
 * <p>The index's own host is always one of the allowed hosts. Hosts that an operator wrote down may have loopback or
 * private addresses; the public index's own hosts must have public ones.
 *
 * @param name what logs, metrics and messages call it: lower-case letters, digits and dashes
 * @param index where the simple API begins, ending with a slash, by {@code http} or {@code https}
 * @param fileHosts hosts from which files may come, beside the index's own
 * @param files where paths in PyPI's own form ({@code packages/aa/bb/…}) can be asked for although no page names them;
 *     absent where the upstream has no such paths
 * @param credentials how to log in, where that is necessary
 */
public record UpstreamIndex(
        String name, URI index, List<HostAndPort> fileHosts, Optional<URI> files, Optional<Credentials> credentials) {
    private static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");

    public UpstreamIndex {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "no name of an upstream: '" + name + "' (lower-case letters, digits and dashes, at most 63)");
        }
        index = folder(index);
        var allowed = new ArrayList<HostAndPort>();
        allowed.add(HostAndPort.of(index));
        allowed.addAll(fileHosts);
        files = files.map(UpstreamIndex::folder);
        files.map(HostAndPort::of).ifPresent(allowed::add);
        fileHosts = allowed.stream().distinct().toList();
        if (credentials.isPresent() && !credentials.get().maySafelyGoTo(index)) {
            throw new IllegalArgumentException("credentials would go to " + index
                    + " unencrypted: use https, or allow it with credentials.over-plain-http");
        }
    }

    /** An upstream where nobody has to log in. */
    public UpstreamIndex(String name, URI index, List<HostAndPort> fileHosts, Optional<URI> files) {
        this(name, index, fileHosts, files, Optional.empty());
    }

    /** The same with these credentials. */
    public UpstreamIndex with(Optional<Credentials> given) {
        return new UpstreamIndex(name, index, fileHosts, files, given);
    }

    /**
     * An upstream as configured: without file hosts it gets its own host and, where it is the public index, that one's
     * file host. {@link IllegalArgumentException} says what is wrong with it.
     */
    public static UpstreamIndex of(
            String name, URI index, List<HostAndPort> configuredFileHosts, Optional<URI> configuredFiles) {
        Optional<URI> files = configuredFiles.or(() -> Optional.of(URI.create("https://" + PublicIndex.FILE_HOST + "/"))
                .filter(host -> isPublic(index)));
        return new UpstreamIndex(name, index, configuredFileHosts, files);
    }

    /** The same of which nothing is known of where its files are but what its pages say. */
    public static UpstreamIndex of(String name, URI index, List<HostAndPort> configuredFileHosts) {
        return of(name, index, configuredFileHosts, Optional.empty());
    }

    /** The public Python package index. */
    public static UpstreamIndex publicIndex() {
        return of("pypi", PublicIndex.INDEX, List.of());
    }

    /** Whether {@code location} may be asked for as part of this upstream: right scheme, allowed host and port. */
    public boolean allows(URI location) {
        return Locations.isPlain(location) && fileHosts.contains(HostAndPort.of(location));
    }

    /** What to say to whoever is at {@code location}, to log in: nothing to other hosts, nothing that others could read. */
    Optional<Secret> authorization(URI location) {
        return credentials
                .filter(given -> HostAndPort.of(location).equals(HostAndPort.of(index))
                        || (given.toFileHosts() && allows(location)))
                .filter(given -> given.maySafelyGoTo(location))
                .map(Credentials::authorization);
    }

    /** Where the page of {@code project} is. */
    URI page(ProjectName project) {
        return index.resolve(project.normal() + "/");
    }

    /** Whether {@code host} was written down by the operator and so may have a loopback or private address. */
    static boolean mayBePrivate(String host) {
        return !host.equals(PublicIndex.FILE_HOST) && !host.equals(PublicIndex.INDEX.getHost());
    }

    private static boolean isPublic(URI index) {
        return PublicIndex.INDEX.getHost().equalsIgnoreCase(index.getHost());
    }

    private static URI folder(URI location) {
        if (!Locations.isPlain(location) || location.getRawQuery() != null) {
            throw new IllegalArgumentException(
                    "no address of an index: '" + location + "' (http:// or https://, a host, a path; nothing else)");
        }
        String text = location.toString();
        return text.endsWith("/") ? location : URI.create(text + "/");
    }
}

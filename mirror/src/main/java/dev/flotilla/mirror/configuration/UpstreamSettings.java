package dev.flotilla.mirror.configuration;

import dev.flotilla.settings.Setting;
import dev.flotilla.settings.Settings;
import dev.flotilla.vocabulary.PublicIndex;
import java.net.URI;
import java.util.List;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/**
 * One index that the mirror follows.
 *
 * @param name how logs and metrics call it
 * @param index where its simple API begins (PEP 503), ending with {@code /}; http or https, without user, query and fragment
 * @param fileHosts the hosts that its pages may name for files; nothing is ever fetched from another
 */
public record UpstreamSettings(String name, URI index, List<HostAndPort> fileHosts) {
    /** PyPI, which is followed where the configuration names nothing else. */
    public static final UpstreamSettings PYPI =
            new UpstreamSettings("pypi", PublicIndex.INDEX, defaultFileHosts(PublicIndex.INDEX));

    private static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?");

    public UpstreamSettings {
        name = checkedName(name);
        index = checkedIndex(index);
        fileHosts = List.copyOf(fileHosts);
        if (fileHosts.isEmpty()) {
            throw new IllegalArgumentException("file-hosts is empty: files could be fetched from nowhere");
        }
    }

    static Setting<UpstreamSettings> read(Settings settings) {
        var name = settings.required("name", UpstreamSettings::checkedName);
        var index = settings.required("index", UpstreamSettings::parsedIndex);
        var fileHosts = settings.list("file-hosts", List.of(), HostAndPort::parse);
        return settings.build(() -> new UpstreamSettings(
                name.get(), index.get(), fileHosts.get().isEmpty() ? defaultFileHosts(index.get()) : fileHosts.get()));
    }

    private static List<HostAndPort> defaultFileHosts(URI index) {
        String host = index.getHost();
        String bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
        var own = new HostAndPort(bare, index.getPort() < 0 ? OptionalInt.empty() : OptionalInt.of(index.getPort()));
        return index.equals(PublicIndex.INDEX)
                ? List.of(own, new HostAndPort(PublicIndex.FILE_HOST, OptionalInt.empty()))
                : List.of(own);
    }

    private static String checkedName(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("'" + name
                    + "' is no name for an upstream: use lower-case letters, digits and '-', at most 32 characters");
        }
        return name;
    }

    private static URI parsedIndex(String text) {
        return checkedIndex(URI.create(text.endsWith("/") ? text : text + "/"));
    }

    private static URI checkedIndex(URI index) {
        String scheme = index.getScheme();
        if (!"http".equals(scheme) && !"https".equals(scheme)) {
            throw new IllegalArgumentException("'" + index + "' is no index: write a URL with http or https");
        }
        if (index.getHost() == null || index.getUserInfo() != null) {
            throw new IllegalArgumentException("'" + index + "' has to name a host, and no user or password");
        }
        if (index.getQuery() != null
                || index.getFragment() != null
                || !index.getPath().endsWith("/")) {
            throw new IllegalArgumentException("'" + index + "' has to end with its path and a slash, as in …/simple/");
        }
        return index;
    }
}

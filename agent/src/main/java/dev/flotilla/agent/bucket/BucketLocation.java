package dev.flotilla.agent.bucket;

import dev.flotilla.settings.Setting;
import dev.flotilla.settings.Settings;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Which bucket, where, and how long to wait for it.
 *
 * @param endpoint the server of an S3-compatible store; absent means AWS
 * @param pathStyle whether the bucket's name stands in the path and not in the host name
 */
public record BucketLocation(
        String name, Optional<URI> endpoint, String awsRegion, boolean pathStyle, TimeOuts timeOuts) {
    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]");
    private static final Pattern AWS_REGION = Pattern.compile("[a-z0-9-]{2,40}");

    /**
     * How long to wait for the bucket.
     *
     * @param connect until a connection stands
     * @param read until the next bytes arrive
     * @param call for a whole call with its retries, downloads and uploads of programs included
     */
    public record TimeOuts(Duration connect, Duration read, Duration call) {
        /** Short enough that a dead bucket doesn't hold up a cycle of 30 s for long, long enough for a slow link. */
        public static final TimeOuts USUAL =
                new TimeOuts(Duration.ofSeconds(3), Duration.ofSeconds(10), Duration.ofMinutes(5));
    }

    public BucketLocation {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "'" + name + "' is no bucket name: 3 to 63 lower-case letters, digits, '.' and '-'");
        }
        if (!AWS_REGION.matcher(awsRegion).matches()) {
            throw new IllegalArgumentException("'" + awsRegion + "' is no AWS region, as in us-east-1");
        }
    }

    /** Reads the object {@code bucket { name, endpoint, aws-region, path-style, … }} of a configuration. */
    public static Setting<BucketLocation> read(Settings settings) {
        var name = settings.required("name");
        var endpoint = settings.optional("endpoint", BucketLocation::endpoint);
        var awsRegion = settings.optional("aws-region", "us-east-1");
        var pathStyle = settings.flag("path-style", false);
        var connect = time(settings, "connect-time-out", TimeOuts.USUAL.connect());
        var read = time(settings, "read-time-out", TimeOuts.USUAL.read());
        var call = time(settings, "call-time-out", TimeOuts.USUAL.call());
        return settings.build(() -> new BucketLocation(
                name.get(),
                endpoint.get(),
                awsRegion.get(),
                pathStyle.get(),
                new TimeOuts(connect.get(), read.get(), call.get())));
    }

    private static Setting<Duration> time(Settings settings, String key, Duration otherwise) {
        return settings.duration(key, otherwise, Duration.ofMillis(100), Duration.ofHours(1));
    }

    private static URI endpoint(String text) {
        URI uri = URI.create(text);
        boolean http = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
        if (!http || uri.getHost() == null || uri.getQuery() != null || uri.getUserInfo() != null) {
            throw new IllegalArgumentException(
                    "'" + text + "' is no endpoint: write scheme, host and port, as in http://127.0.0.1:9000");
        }
        return uri;
    }

    /**
     * Where its objects are by HTTP, for whoever needs no more than to read some that everybody may.
     *
     * @param prefix what their keys begin with, up to a slash
     */
    public URI objects(String prefix) {
        URI server = endpoint.orElseGet(() -> URI.create("https://s3." + awsRegion + ".amazonaws.com"));
        String port = server.getPort() < 0 ? "" : ":" + server.getPort();
        return URI.create(
                pathStyle
                        ? server.getScheme() + "://" + server.getHost() + port + "/" + name + "/" + prefix
                        : server.getScheme() + "://" + name + "." + server.getHost() + port + "/" + prefix);
    }

    /** Which of its objects a URL leads to that {@link #objects} begins; empty for any other. A plus is escaped, for to some servers it is a space. */
    public Optional<ObjectKey> key(String url) {
        String bucket = objects("").toString();
        return url.startsWith(bucket) && url.indexOf('+') < 0
                ? ObjectKey.parse(url.substring(bucket.length()).replace("%2B", "+"))
                : Optional.empty();
    }

    /** The bucket and where it is, for messages. */
    @Override
    public String toString() {
        return name + endpoint.map(uri -> " at " + uri).orElse(" in " + awsRegion);
    }
}

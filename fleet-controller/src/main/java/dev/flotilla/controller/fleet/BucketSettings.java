package dev.flotilla.controller.fleet;

import dev.flotilla.settings.Setting;
import dev.flotilla.settings.Settings;
import java.net.URI;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The bucket through which controller and nodes meet.
 *
 * @param endpoint another place than AWS to speak the S3 API with
 * @param pathStyle whether the bucket's name stands in the path and not in the host's name, as most other stores need it
 */
public record BucketSettings(String name, Optional<URI> endpoint, String awsRegion, boolean pathStyle) {
    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]");

    public BucketSettings {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("'" + name
                    + "' is no name for a bucket: 3 to 63 lower-case letters, digits, '.' and '-', beginning and ending"
                    + " with a letter or digit");
        }
    }

    static Setting<BucketSettings> read(Settings settings) {
        var name = settings.required("name");
        var endpoint = settings.optional("endpoint", Endpoint::parse);
        var region = settings.optional("aws-region", "us-east-1");
        var pathStyle = settings.flag("path-style", false);
        return settings.build(() -> new BucketSettings(name.get(), endpoint.get(), region.get(), pathStyle.get()));
    }
}

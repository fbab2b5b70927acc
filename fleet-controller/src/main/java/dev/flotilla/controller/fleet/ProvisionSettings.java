package dev.flotilla.controller.fleet;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValueFactory;
import dev.flotilla.settings.Setting;
import dev.flotilla.settings.Settings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What machines get so that they are nodes.
 *
 * @param managed whether plan and apply make machines nodes; not where others do, such as Ansible
 * @param archive the node's archive, where it isn't the one that comes with the controller
 * @param user as whom agents and mirrors run
 * @param environment a file of {@code NAME=VALUE} lines for agents, such as their keys to the bucket
 * @param agent settings for all agents, as JSON
 * @param stepTimeOut the most that a command on a machine may take
 * @param bootTimeOut how long a machine is waited for that was just made, or is in its first boot
 * @param serveTimeOut how long a node is waited for until it serves
 */
public record ProvisionSettings(
        boolean managed,
        Optional<Path> archive,
        String user,
        Optional<Path> environment,
        Optional<String> agent,
        Duration stepTimeOut,
        Duration bootTimeOut,
        Duration serveTimeOut) {
    private static final ConfigRenderOptions RENDERING = ConfigRenderOptions.defaults()
            .setOriginComments(false)
            .setComments(false)
            .setJson(false);

    static Setting<ProvisionSettings> read(Settings settings, Path base) {
        var managed = settings.flag("managed", true);
        var archive = settings.optional("archive", base::resolve);
        var user = settings.optional("user", "flotilla", ProvisionSettings::user);
        var environment = settings.optional("environment", base::resolve);
        var agent = settings.raw("agent");
        // Unpacking and copying some 110 MB on a slow disk.
        var step =
                settings.duration("step-time-out", Duration.ofMinutes(5), Duration.ofSeconds(1), Duration.ofHours(1));
        // Clouds take a minute or two, and more where a first boot installs what it was told to.
        var boot =
                settings.duration("boot-time-out", Duration.ofMinutes(5), Duration.ofSeconds(1), Duration.ofHours(1));
        // A look at the bucket, the download of a program, its trial and its soak.
        var serve =
                settings.duration("serve-time-out", Duration.ofMinutes(5), Duration.ofSeconds(1), Duration.ofHours(1));
        return settings.build(() -> new ProvisionSettings(
                managed.get(),
                archive.get(),
                user.get(),
                environment.get(),
                agent.get().map(ProvisionSettings::checked),
                step.get(),
                boot.get(),
                serve.get()));
    }

    /** A name that stands in scripts and units as it is. */
    static String user(String text) {
        if (!text.matches("[a-z_][a-z0-9_-]{0,31}")) {
            throw new IllegalArgumentException(
                    "'" + text + "' is no name of a system user: lower-case letters, digits, '_' and '-'");
        }
        return text;
    }

    /** A folder on a machine, without a slash at its end; empty for the whole system. */
    static String root(String text) {
        String root = text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
        if (!root.matches("(/[A-Za-z0-9_.-]+)*")) {
            throw new IllegalArgumentException("'" + text
                    + "' is no folder to install below: an absolute path of letters, digits, '_', '.' and '-'");
        }
        return root;
    }

    private static String checked(String agent) {
        Config settings = ConfigFactory.parseString(agent);
        for (String key : List.of("fleet", "region", "node", "zone", "state", "trust-root", "bucket")) {
            if (settings.hasPath(key)) {
                throw new IllegalArgumentException(
                        "provision.agent." + key + " is set by the controller: leave it out");
            }
        }
        return agent;
    }

    /** The text of a node's {@code agent.conf}; the same bytes for the same settings. */
    public String agentConfiguration(FleetConfiguration fleet, Node node) {
        String root = node.root();
        Config base = ConfigFactory.empty()
                .withValue(
                        "mirror.readiness",
                        ConfigValueFactory.fromAnyRef(
                                "http://" + node.operationsHost() + ":" + node.operationsPort() + "/readyz"));
        Config merged = agent.map(ConfigFactory::parseString)
                .orElseGet(ConfigFactory::empty)
                .withFallback(base);
        merged = with(merged, "fleet", fleet.name().value());
        merged = with(merged, "region", node.id().region().value());
        merged = with(merged, "node", node.id().node().value());
        if (fleet.dns().isPresent()) {
            merged = with(merged, "zone", fleet.dns().get().zone().value());
        }
        merged = with(merged, "state", root + "/var/lib/flotilla/agent");
        merged = with(merged, "trust-root", root + "/etc/flotilla/root.json");
        merged = with(merged, "bucket.name", fleet.bucket().name());
        merged = with(merged, "bucket.aws-region", fleet.bucket().awsRegion());
        merged = with(
                merged, "bucket.path-style", Boolean.toString(fleet.bucket().pathStyle()));
        if (fleet.bucket().endpoint().isPresent()) {
            merged = with(
                    merged, "bucket.endpoint", fleet.bucket().endpoint().get().toString());
        }
        return merged.atPath("flotilla.agent").root().render(RENDERING);
    }

    private static Config with(Config config, String key, String value) {
        return config.withValue(key, ConfigValueFactory.fromAnyRef(value));
    }
}

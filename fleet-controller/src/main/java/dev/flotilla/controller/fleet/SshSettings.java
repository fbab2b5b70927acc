package dev.flotilla.controller.fleet;

import dev.flotilla.settings.Setting;
import dev.flotilla.settings.Settings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How the controller comes to the fleet's machines.
 *
 * @param user as whom; a node may say otherwise
 * @param port where their SSH servers listen; a node may say otherwise
 * @param identities private keys to show; without any, what {@code ssh} would try: the agent and the usual files
 * @param hostKeys the file of the machines' own keys
 * @param connectTimeOut the most that coming in may take
 * @param through the jump host on the way; a node may say otherwise
 * @param sudo whether what needs root goes through {@code sudo -n}; a node may say otherwise
 * @param transferTimeOut the most that bringing a file to a machine may take
 */
public record SshSettings(
        String user,
        int port,
        List<Path> identities,
        Path hostKeys,
        Duration connectTimeOut,
        Optional<JumpHost> through,
        boolean sudo,
        Duration transferTimeOut) {
    private static final int USUAL_PORT = 22;

    /** A node's archive has some 80 MB: at 1.3 Mbit/s that is eight minutes. */
    static final Duration USUAL_TRANSFER = Duration.ofMinutes(10);

    public SshSettings {
        identities = List.copyOf(identities);
    }

    static Setting<SshSettings> read(Settings settings, Path base) {
        var user = settings.required("user", SshSettings::user);
        var port = settings.integer("port", USUAL_PORT, 1, 65_535);
        var identities = settings.list("identities", List.<Path>of(), text -> base.resolve(withHome(text)));
        var hostKeys = settings.optional("host-keys", "host-keys");
        var time = settings.duration(
                "connect-time-out", Duration.ofSeconds(15), Duration.ofMillis(100), Duration.ofMinutes(10));
        var through = settings.optional("through", Optional.<JumpHost>empty(), JumpHost::parse);
        var sudo = settings.flag("sudo", false);
        var transfer =
                settings.duration("transfer-time-out", USUAL_TRANSFER, Duration.ofSeconds(1), Duration.ofHours(24));
        return settings.build(() -> new SshSettings(
                user.get(),
                port.get(),
                identities.get(),
                base.resolve(hostKeys.get()),
                time.get(),
                through.get(),
                sudo.get(),
                transfer.get()));
    }

    static String user(String text) {
        if (text.isBlank() || text.chars().anyMatch(c -> c <= ' ' || c == '@')) {
            throw new IllegalArgumentException("'" + text + "' is no user's name: write it alone, as in root");
        }
        return text;
    }

    private static String withHome(String text) {
        return text.startsWith("~/") ? System.getProperty("user.home") + text.substring(1) : text;
    }
}

package dev.flotilla.controller.fleet;

import dev.flotilla.settings.Setting;
import dev.flotilla.settings.Settings;
import java.util.List;

/**
 * With whom nodes may speak. An empty list, but for {@code operations} and {@code credentials}, means everybody, at the ports that belong to it.
 *
 * @param clients who may come to the mirror
 * @param healthCheckers who may come there, too, since they probe it where clients come
 * @param operations who may come by SSH and to the mirror's operations side; never empty, for else nobody would
 * @param upstreams where upstreams are whose hosts are names
 * @param bucket where the bucket is, if its host is a name
 * @param nameServers who is asked for names
 * @param timeServers who is asked for the time
 * @param credentials where the machine asks for its role's keys, by HTTP
 */
public record FirewallSettings(
        List<AddressRange> clients,
        List<AddressRange> healthCheckers,
        List<AddressRange> operations,
        List<AddressRange> upstreams,
        List<AddressRange> bucket,
        List<AddressRange> nameServers,
        List<AddressRange> timeServers,
        List<AddressRange> credentials) {
    public FirewallSettings {
        clients = List.copyOf(clients);
        healthCheckers = List.copyOf(healthCheckers);
        operations = List.copyOf(operations);
        upstreams = List.copyOf(upstreams);
        bucket = List.copyOf(bucket);
        nameServers = List.copyOf(nameServers);
        timeServers = List.copyOf(timeServers);
        credentials = List.copyOf(credentials);
        if (operations.isEmpty()) {
            throw new IllegalArgumentException(
                    "operations has to say from where people and controllers come: else nobody gets to the machine any more");
        }
    }

    static Setting<FirewallSettings> read(Settings settings) {
        var clients = ranges(settings, "clients");
        var checkers = ranges(settings, "health-checkers");
        var operations = ranges(settings, "operations");
        var upstreams = ranges(settings, "upstreams");
        var bucket = ranges(settings, "bucket");
        var names = ranges(settings, "name-servers");
        var time = ranges(settings, "time-servers");
        var credentials = ranges(settings, "credentials");
        return settings.build(() -> new FirewallSettings(
                clients.get(),
                checkers.get(),
                operations.get(),
                upstreams.get(),
                bucket.get(),
                names.get(),
                time.get(),
                credentials.get()));
    }

    private static Setting<List<AddressRange>> ranges(Settings settings, String key) {
        return settings.list(key, List.of(), AddressRange::parse);
    }
}

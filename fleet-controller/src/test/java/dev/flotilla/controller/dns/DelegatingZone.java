package dev.flotilla.controller.dns;

import dev.flotilla.controller.fleet.DnsName;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** Another zone's behaviour, for doubles that change one part of it. */
public abstract class DelegatingZone implements Zone {
    private final Zone zone;

    protected DelegatingZone(Zone zone) {
        this.zone = zone;
    }

    @Override
    public List<RecordSet> recordSets(DnsName name) throws IOException, InterruptedException {
        return zone.recordSets(name);
    }

    @Override
    public List<HealthCheck> healthChecks(String prefix) throws IOException, InterruptedException {
        return zone.healthChecks(prefix);
    }

    @Override
    public Creation createHealthCheck(HealthCheckSettings settings, String reference, Map<String, String> tags)
            throws IOException, InterruptedException {
        return zone.createHealthCheck(settings, reference, tags);
    }

    @Override
    public void deleteHealthCheck(String id) throws IOException, InterruptedException {
        zone.deleteHealthCheck(id);
    }

    @Override
    public Holding hold(HealthCheck check, boolean held) throws IOException, InterruptedException {
        return zone.hold(check, held);
    }

    @Override
    public HealthState healthState(String id) throws IOException, InterruptedException {
        return zone.healthState(id);
    }

    @Override
    public Submission change(List<Change> batch, String comment) throws IOException, InterruptedException {
        return zone.change(batch, comment);
    }

    @Override
    public boolean inSync(String changeId) throws IOException, InterruptedException {
        return zone.inSync(changeId);
    }

    @Override
    public void close() {
        zone.close();
    }
}

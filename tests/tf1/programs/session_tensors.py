import graphcli.tf1 as tf

x = tf.placeholder(tf.float32, [2])
kept = tf.get_session_handle(x * 2.0)
named = tf.get_session_handle(x + 1.0, name="named")
with tf.Session() as session:
    first, second = session.run([kept, named], {x: [1.0, 2.0]})
    print(str(first).split(";")[::2], second.handle.split(";")[0], str(second) == second.handle)
    print(first.eval(), second.eval())
    holder, value = tf.get_session_tensor(first.handle, tf.float32)
    print(holder.op.type, value.op.type, value.op.device, value.dtype)
    total = value * 10.0
    print(session.run(total, {holder: first.handle}), session.run(total, {holder: second.handle}))
    third = session.run(kept, {x: [5.0, 6.0]})
    print(session.run(total, {holder: third.handle}), session.run(total, {holder: first.handle}))
    gone, forget = tf.delete_session_tensor(first.handle)
    print(forget.type, session.run(forget, {gone: second.get_raw_handle()}))
    try:
        session.run(total, {holder: second.handle})
    except tf.errors.InvalidArgumentError as error:
        print("not in the session store" in error.message)
    third.delete()
    for call in (third.eval, lambda: session.run(total, {holder: third.handle})):
        try:
            call()
        except TypeError as error:
            print("deleted" in str(error))
        except tf.errors.InvalidArgumentError:
            print("gone")
    try:
        tf.get_session_handle([1.0])
    except TypeError:
        print("no tensor")
